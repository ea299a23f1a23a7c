/** P6: from `PUT` of a parameter to the step at which it holds; the same on two ranks; what a control point costs. */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type BenchServer, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, type MeasureOptions, makeFigure, takePercentile } from './figure.ts'
import { startSteeredLoop } from './steered-loop.ts'

const stepMs = 20
/** Ranks look together about once a second. */
const ranksEveryMs = 1_000
/** Beyond the step that is under way. */
const slackMs = 100

export async function measureSteering({ short }: MeasureOptions): Promise<Figure[]> {
  const place = makePlace()
  const server = await startBenchServer(place)
  const environment = { PILOTHOUSE_DATA: place.dataFolder }
  try {
    const alone = await sample(server, { ranks: 1, count: short ? 60 : 300, environment })
    const together = await sample(server, { ranks: 2, count: short ? 10 : 60, environment })
    const about = { id: 'P6', unit: 'ms' }
    return [
      makeFigure({ ...about, what: 'PUT to applied, steps of 20 ms: p50', value: at(alone.ms, 0.5), informs: true }),
      makeFigure({
        ...about,
        what: 'PUT to applied, steps of 20 ms: p95',
        value: at(alone.ms, 0.95),
        atMost: stepMs + slackMs,
      }),
      makeFigure({ ...about, what: 'on two ranks (gloo): p50', value: at(together.ms, 0.5), informs: true }),
      makeFigure({
        ...about,
        what: 'on two ranks (gloo): p95',
        value: at(together.ms, 0.95),
        atMost: ranksEveryMs + stepMs + slackMs,
      }),
      makeFigure({
        id: 'P6',
        unit: 'ns',
        what: 'control() when nothing waits',
        value: alone.costNs ?? Number.NaN,
        atMost: 1_000,
      }),
    ]
  } finally {
    await server.stop()
    place.remove()
  }
}

type Samples = { ms: number[]; costNs: number | null }
type SampleOptions = { ranks: number; count: number; environment: Record<string, string> }

async function sample(server: BenchServer, { ranks, count, environment }: SampleOptions): Promise<Samples> {
  const uid = `steered-${randomBytes(4).toString('hex')}`
  const loop = await startSteeredLoop({ server, uid, stepMs, ranks, environment })
  try {
    const ms: number[] = []
    while (ms.length < count) {
      // Never in time with the steps.
      await pause(20 + Math.random() * 120)
      ms.push(await loop.set())
    }
    return { ms, costNs: loop.costNs }
  } finally {
    await loop.stop()
  }
}

function at(values: readonly number[], share: number): number {
  return takePercentile(values, share)
}
