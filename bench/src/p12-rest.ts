/** P12: the server at rest: memory, CPU, how long it takes to start. Linux only: it reads /proc. */
import { setTimeout as pause } from 'node:timers/promises'
import { findPacked, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure, takePercentile } from './figure.ts'
import { readCpuMs } from './read-cpu.ts'
import { readMemory } from './read-memory.ts'

const warmStarts = 3
/** Let start-up work and its garbage settle before looking. */
const settleMs = 5_000

/** From source, and as the built package where there is one in `dist/`. */
export async function measureRest({ short }: { short: boolean }): Promise<Figure[]> {
  const windowMs = short ? 10_000 : 60_000
  const figures = await measureProgram({ windowMs })
  const packed = findPacked()
  if (packed === undefined) return figures
  const again = await measureProgram({ windowMs, program: packed })
  return [...figures, ...again.map((figure) => ({ ...figure, what: `packed: ${figure.what}` }))]
}

type Program = { windowMs: number; program?: string }

async function measureProgram({ windowMs, program }: Program): Promise<Figure[]> {
  const place = makePlace()
  try {
    const first = await startBenchServer(place, program)
    await first.stop()
    const warmMs: number[] = []
    for (let round = 0; round < warmStarts; round += 1) {
      const server = await startBenchServer(place, program)
      warmMs.push(server.startMs)
      await server.stop()
    }
    const server = await startBenchServer(place, program)
    await pause(settleMs)
    const cpuShare = await measureCpu(server.pid, windowMs)
    const { rss, pss } = readMemory(server.pid)
    await server.stop()
    return [
      makeFigure({ id: 'P12', what: 'at rest: memory (RSS)', value: rss, unit: 'MB', atMost: 130 }),
      makeFigure({
        id: 'P12',
        what: 'at rest: memory, shared pages divided (PSS)',
        value: pss,
        unit: 'MB',
        informs: true,
      }),
      makeFigure({ id: 'P12', what: 'at rest: CPU, share of a core', value: cpuShare * 100, unit: '%', atMost: 0.5 }),
      makeFigure({
        id: 'P12',
        what: 'start, warm (median)',
        value: takePercentile(warmMs, 0.5) / 1000,
        unit: 's',
        atMost: 1,
      }),
      makeFigure({
        id: 'P12',
        what: 'start, first: new data folder, nothing compiled',
        value: first.startMs / 1000,
        unit: 's',
        atMost: 2,
      }),
    ]
  } finally {
    place.remove()
  }
}

async function measureCpu(pid: number, windowMs: number): Promise<number> {
  const before = readCpuMs(pid)
  const startedAt = performance.now()
  await pause(windowMs)
  return (readCpuMs(pid) - before) / (performance.now() - startedAt)
}
