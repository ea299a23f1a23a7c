/**
 * An hour of two pages of a job that streams 24 metrics at 10 Hz and 1,000 log lines/s, left open side by side: its
 * overview, and its eight charts all in sight. Each minute is measured, and memory is looked at after it, after a
 * collection; that is judged from the tenth minute on, when the window of the log is full and the charts have as many
 * points as they hold. The short form takes three minutes and judges nothing.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure, takePercentile } from './figure.ts'
import { type Memory, type OpenPage, openPageBrowser, type Stretch } from './page-browser.ts'
import { startStreamingJob } from './streaming-job.ts'

const uid = 'streaming'
const minuteMs = 60_000
const minutes = { full: { all: 60, from: 10 }, short: { all: 3, from: 1 } } as const
const picture = '[data-chart][data-state="ready"]'
/** The second is high enough for eight charts, two a row. */
const visits = [
  { name: 'overview', path: `/job/${uid}`, picture, height: 900 },
  { name: '8 charts', path: `/job/${uid}?tab=metrics`, picture, height: 1_700 },
]

export async function measureHour({ short }: { short: boolean }): Promise<Figure[]> {
  const place = makePlace()
  try {
    const server = await startBenchServer(place)
    const job = startStreamingJob(place, uid)
    const browser = await openPageBrowser(server)
    try {
      const length = short ? minutes.short : minutes.full
      const watches = visits.map(async ({ name, ...visit }) => {
        const page = await browser.open(visit)
        return viewHour(name, await watchPage(page, name, length), short)
      })
      return (await Promise.all(watches)).flat()
    } finally {
      await browser.close()
      await job.stop()
      await server.stop()
    }
  } finally {
    place.remove()
  }
}

type Minute = Memory & Stretch

/** What the page did and held in each minute, from the one on that counts. */
async function watchPage(
  page: OpenPage,
  name: string,
  { all, from }: { all: number; from: number },
): Promise<Minute[]> {
  const seen: Minute[] = []
  for (let at = 1; at <= all; at += 1) {
    const stretch = await page.measure(() => pause(minuteMs))
    const minute = { ...stretch, ...(await page.readMemory()) }
    console.error(`  ${name}, minute ${at}: ${describeMinute(minute)}`)
    if (at >= from) seen.push(minute)
  }
  return seen
}

function describeMinute({ heapMb, nodes, listeners, busy, gapP95Ms, longTasks }: Minute): string {
  const doing = `${(busy * 100).toFixed(1)} % busy, frame gap ${gapP95Ms.toFixed(1)} ms, ${longTasks} long tasks`
  return `${heapMb.toFixed(1)} MB, ${nodes} nodes, ${listeners} listeners, ${doing}`
}

function viewHour(name: string, seen: readonly Minute[], short: boolean): Figure[] {
  const view = (what: string, unit: string, value: number, atMost?: number): Figure =>
    makeFigure({
      id: 'hour',
      what: `${name}: ${what}`,
      unit,
      value,
      ...(short || atMost === undefined ? { informs: true } : { atMost }),
    })
  const slope = (of: (minute: Minute) => number): number => 60 * fitSlope(seen.map(of))
  const median = (of: (minute: Minute) => number): number => takePercentile(seen.map(of), 0.5)
  return [
    view('heap, first', 'MB', seen[0]?.heapMb ?? Number.NaN),
    view('heap, last', 'MB', seen.at(-1)?.heapMb ?? Number.NaN),
    view(
      'heap grows by, fitted',
      'MB/h',
      slope(({ heapMb }) => heapMb),
      5,
    ),
    view(
      'nodes grow by, fitted',
      '/h',
      slope(({ nodes }) => nodes),
    ),
    view(
      'listeners grow by, fitted',
      '/h',
      slope(({ listeners }) => listeners),
    ),
    view(
      'main thread busy, median minute',
      '%',
      median(({ busy }) => busy * 100),
    ),
    view(
      'frame gap p95, median minute',
      'ms',
      median(({ gapP95Ms }) => gapP95Ms),
    ),
    view(
      'long tasks in 10 s, median minute',
      '',
      median(({ longTasks, ms }) => (longTasks / ms) * 10_000),
    ),
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
