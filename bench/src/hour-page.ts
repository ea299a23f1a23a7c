/**
 * An hour of the page: the overview of a job that streams 24 metrics at 10 Hz and 1,000 log lines/s, left open. Memory is
 * looked at every minute, after a collection. It is judged from the tenth minute on, when the window of the log is full
 * and the charts have as many points as they hold. The short form takes three minutes and judges nothing.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure } from './figure.ts'
import { type Memory, type OpenPage, openPageBrowser } from './page-browser.ts'
import { startStreamingJob } from './streaming-job.ts'

const uid = 'streaming'
const minuteMs = 60_000
const minutes = { full: { all: 60, from: 10 }, short: { all: 3, from: 1 } } as const

export async function measureHour({ short }: { short: boolean }): Promise<Figure[]> {
  const place = makePlace()
  try {
    const server = await startBenchServer(place)
    const job = startStreamingJob(place, uid)
    const browser = await openPageBrowser(server)
    try {
      const page = await browser.open({ path: `/job/${uid}`, picture: '[data-chart][data-state="ready"]' })
      return viewHour(await watchMemory(page, short ? minutes.short : minutes.full), short)
    } finally {
      await browser.close()
      await job.stop()
      await server.stop()
    }
  } finally {
    place.remove()
  }
}

/** What the page held at each minute, from the one on that counts. */
async function watchMemory(page: OpenPage, { all, from }: { all: number; from: number }): Promise<Memory[]> {
  const seen: Memory[] = []
  for (let minute = 1; minute <= all; minute += 1) {
    await pause(minuteMs)
    const memory = await page.readMemory()
    const { heapMb, nodes, listeners } = memory
    console.error(`  minute ${minute}: ${heapMb.toFixed(1)} MB, ${nodes} nodes, ${listeners} listeners`)
    if (minute >= from) seen.push(memory)
  }
  return seen
}

function viewHour(seen: readonly Memory[], short: boolean): Figure[] {
  const about = { id: 'hour', what: 'heap of the page', unit: 'MB' }
  const slope = (of: (memory: Memory) => number): number => 60 * fitSlope(seen.map(of))
  return [
    makeFigure({ ...about, what: 'heap of the page, first', value: seen[0]?.heapMb ?? Number.NaN, informs: true }),
    makeFigure({ ...about, what: 'heap of the page, last', value: seen.at(-1)?.heapMb ?? Number.NaN, informs: true }),
    makeFigure({
      ...about,
      unit: 'MB/h',
      what: 'heap grows by, fitted',
      value: slope(({ heapMb }) => heapMb),
      ...(short ? { informs: true } : { atMost: 5 }),
    }),
    makeFigure({
      ...about,
      unit: '/h',
      what: 'nodes grow by, fitted',
      value: slope(({ nodes }) => nodes),
      informs: true,
    }),
    makeFigure({
      ...about,
      unit: '/h',
      what: 'listeners grow by, fitted',
      value: slope(({ listeners }) => listeners),
      informs: true,
    }),
  ]
}

/** Least squares over evenly spaced values, a step. */
function fitSlope(values: readonly number[]): number {
  const meanAt = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const over = values.reduce((sum, value, at) => sum + (at - meanAt) * (value - mean), 0)
  const under = values.reduce((sum, _, at) => sum + (at - meanAt) ** 2, 0)
  return over / under
}
