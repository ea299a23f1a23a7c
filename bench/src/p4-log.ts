/** P4: what a call of `log()` costs the training loop, beside wandb offline and TensorBoard where they are installed. */
import { execFile } from 'node:child_process'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, type MeasureOptions, makeFigure } from './figure.ts'
import { findPython } from '../../lab/find-python.ts'

type LoggerFigures = {
  tight_p50: number
  tight_p99: number
  paced_p50: number
  paced_p99: number
  open_s: number
  whole_s: number
}

const script = fileURLToPath(new URL('../python/p4.py', import.meta.url))
const sdk = fileURLToPath(new URL('../../python/src', import.meta.url))

export async function measureLog({ short, peers }: MeasureOptions): Promise<Figure[]> {
  const place = makePlace()
  try {
    const server = await startBenchServer(place)
    const found = await runScript(place.dataFolder, [...(short ? ['--short'] : []), ...(peers ? [] : ['--alone'])])
    await server.stop()
    return Object.entries(found).flatMap(([name, figures]) => {
      if (figures !== null) return name === 'pilothouse' ? compareToBudget(figures) : showPeer(name, figures)
      console.error(`P4: ${name} is not installed in ${findPython()}; measured without it`)
      return []
    })
  } finally {
    place.remove()
  }
}

async function runScript(dataFolder: string, flags: string[]): Promise<Record<string, LoggerFigures | null>> {
  const path = [sdk, process.env['PYTHONPATH']].filter(Boolean).join(delimiter)
  const { stdout } = await promisify(execFile)(findPython(), [script, ...flags], {
    env: { ...process.env, PYTHONPATH: path, PILOTHOUSE_DATA: dataFolder },
    maxBuffer: 16 * 1024 * 1024,
  })
  // The script's own words, one JSON object on its last line.
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, LoggerFigures | null>
}

function compareToBudget({ tight_p50, tight_p99, paced_p50, paced_p99, open_s, whole_s }: LoggerFigures): Figure[] {
  const call = { id: 'P4', unit: 'µs' }
  const whole = { id: 'P4', unit: 's', informs: true } as const
  return [
    makeFigure({ ...call, what: 'log() of 5 metrics, tight: p50', value: tight_p50, atMost: 5 }),
    makeFigure({ ...call, what: 'log() of 5 metrics, tight: p99', value: tight_p99, informs: true }),
    makeFigure({ ...call, what: 'log() of 5 metrics, paced at 2 ms: p50', value: paced_p50, atMost: 20 }),
    makeFigure({ ...call, what: 'log() of 5 metrics, paced at 2 ms: p99', value: paced_p99, atMost: 60 }),
    makeFigure({ ...whole, what: 'init()', value: open_s }),
    makeFigure({ ...whole, what: '100,000 calls, from init() to all durable', value: whole_s }),
  ]
}

function showPeer(name: string, figures: LoggerFigures): Figure[] {
  const call = { id: 'P4', unit: 'µs', informs: true } as const
  return [
    makeFigure({ ...call, what: `${name}, tight: p50`, value: figures.tight_p50 }),
    makeFigure({ ...call, what: `${name}, paced at 2 ms: p50`, value: figures.paced_p50 }),
    makeFigure({ ...call, what: `${name}, paced at 2 ms: p99`, value: figures.paced_p99 }),
    makeFigure({ id: 'P4', unit: 's', informs: true, what: `${name}: open`, value: figures.open_s }),
    makeFigure({
      id: 'P4',
      unit: 's',
      informs: true,
      what: `${name}: 100,000 calls to durable`,
      value: figures.whole_s,
    }),
  ]
}
