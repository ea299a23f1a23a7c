/**
 * The page before what is far beyond the usual: a job with 2,000 metrics, a metric with 10 M points, a list of 10,000
 * jobs, all stored through the server's own routes. Of each: how long the first picture takes, how long what follows a
 * click (a zoom with its finer data, another order of the list), and how frames follow one another while somebody scrolls.
 * The short form has a quarter of the metrics and a tenth of the points and the jobs, and says so.
 */
import { createClient } from '@pilothouse/client'
import { encodeReport, frameContentType } from '@pilothouse/contract/wire'
import type { Locator, Page } from 'playwright-core'
import { type BenchServer, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure } from './figure.ts'
import { fillJobs, waitForUpkeep } from './p8-fill.ts'
import { type OpenPage, openPageBrowser, type PageBrowser } from './page-browser.ts'

type Size = { metrics: number; points: number; jobs: number; scrollMs: number }

const sizes = {
  full: { metrics: 2_000, points: 10_000_000, jobs: 10_000, scrollMs: 10_000 },
  short: { metrics: 500, points: 1_000_000, jobs: 1_000, scrollMs: 4_000 },
} as const satisfies Record<string, Size>

/** Of each of the many metrics. */
const rows = 100
/** Three columns of so many numbers stay below what a report may weigh. */
const rowsPerReport = 250_000
const startMs = 1_750_000_000_000
const readyChart = '[data-chart][data-state="ready"]'
const firstJob = '[role="row"] a[href^="/job/"]'
/** What the browser of a person is told of one turn of the wheel, fast. */
const wheelPx = 600

export async function measureBigPage({ short }: { short: boolean }): Promise<Figure[]> {
  const size: Size = short ? sizes.short : sizes.full
  const place = makePlace()
  try {
    const server = await startBenchServer(place)
    try {
      await fillMetrics(server, size.metrics)
      await fillPoints(server, size.points)
      await fillJobs(server, size.jobs)
      await waitForUpkeep(place.dataFolder, size.jobs)
      const browser = await openPageBrowser(server)
      try {
        return [
          ...(await measureMetrics(browser, size)),
          ...(await measurePoints(browser, size)),
          ...(await measureJobs(browser, size)),
        ]
      } finally {
        await browser.close()
      }
    } finally {
      await server.stop()
    }
  } finally {
    place.remove()
  }
}

async function fillMetrics(server: BenchServer, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, key) => `layer/${key}/norm`)
  await report(server, 'many', { number: 1, from: 0, rows, keys, isEnd: true })
}

async function fillPoints(server: BenchServer, points: number): Promise<void> {
  for (let from = 0; from < points; from += rowsPerReport) {
    const number = from / rowsPerReport + 1
    await report(server, 'long', {
      number,
      from,
      rows: rowsPerReport,
      keys: ['loss'],
      isEnd: from + rowsPerReport >= points,
    })
  }
}

type Block = { number: number; from: number; rows: number; keys: readonly string[]; isEnd: boolean }

async function report({ url, adminToken }: BenchServer, uid: string, block: Block): Promise<void> {
  const { number, from, keys, isEnd } = block
  if (number === 1) {
    const client = createClient({ baseUrl: url, token: adminToken })
    await client.call('jobs.put', { params: { uid }, body: { name: `training with ${uid}`, project: 'bench' } })
  }
  const steps = Float64Array.from({ length: block.rows }, (_, row) => from + row)
  const times = steps.map((step) => startMs + step * 50)
  const values = keys.map((_, key) => steps.map((step) => Math.fround(makeValue(step, key))))
  const body = encodeReport({
    attempt: 1,
    writer: 'bench',
    number,
    role: 'sdk',
    sentAt: Date.now(),
    points: [{ source: 'job', keys: [...keys], steps, times, values }],
    ...(isEnd ? { state: { state: 'completed', at: Date.now() } } : {}),
  })
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': frameContentType }
  const answer = await fetch(`${url}/api/jobs/${uid}/reports`, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(`A report was refused: ${answer.status} ${await answer.text()}`)
}

/** Falls, with waves and noise. */
function makeValue(step: number, key: number): number {
  return 2 / (1 + key / 100 + step / 1_000) + Math.sin(step / 5_000) / 20 + Math.random() / 25
}

async function measureMetrics(browser: PageBrowser, { metrics, scrollMs }: Size): Promise<Figure[]> {
  const opened = await browser.open({ path: '/job/many?tab=metrics', picture: readyChart })
  try {
    const pictureMs = await readPictureMs(opened)
    const chart = opened.page.locator(readyChart).first()
    const zoomMs = await measureZoom(opened, chart)
    await chart.hover()
    const { gapP95Ms, longestGapMs } = await opened.measure(() => turnWheel(opened.page, scrollMs))
    return viewPage(`${metrics.toLocaleString('en')} metrics`, {
      pictureMs,
      follows: ['zoom with finer data', zoomMs],
      moves: ['scrolling', gapP95Ms, longestGapMs],
    })
  } finally {
    await opened.close()
  }
}

/** A single chart has nothing to scroll: it is panned, to and fro. */
async function measurePoints(browser: PageBrowser, { points, scrollMs }: Size): Promise<Figure[]> {
  const opened = await browser.open({ path: '/job/long?tab=metrics', picture: readyChart })
  try {
    const pictureMs = await readPictureMs(opened)
    const chart = opened.page.locator(readyChart).first()
    const zoomMs = await measureZoom(opened, chart)
    const { gapP95Ms, longestGapMs } = await opened.measure(() => pan(opened.page, chart, scrollMs))
    return viewPage(`${(points / 1e6).toLocaleString('en')} M points`, {
      pictureMs,
      follows: ['zoom with finer data', zoomMs],
      moves: ['panning', gapP95Ms, longestGapMs],
    })
  } finally {
    await opened.close()
  }
}

async function measureJobs(browser: PageBrowser, { jobs, scrollMs }: Size): Promise<Figure[]> {
  const opened = await browser.open({ path: '/?view=table', picture: firstJob })
  const { page } = opened
  try {
    const pictureMs = await readPictureMs(opened)
    const orderMs = await measureOrder(page)
    await page.locator(firstJob).nth(3).hover()
    const { gapP95Ms, longestGapMs } = await opened.measure(() => turnWheel(page, scrollMs))
    return viewPage(`${jobs.toLocaleString('en')} jobs`, {
      pictureMs,
      follows: ['another order', orderMs],
      moves: ['scrolling', gapP95Ms, longestGapMs],
    })
  } finally {
    await opened.close()
  }
}

async function readPictureMs(opened: OpenPage): Promise<number> {
  return (await opened.probe()).pictureMs ?? Number.NaN
}

/** From the mouse button that goes up to the last drawing after the finer points came, ms, by the clock of the page. */
async function measureZoom({ page }: OpenPage, chart: Locator): Promise<number> {
  const { from, to, y } = await findPlot(chart)
  await page.mouse.move(from, y)
  await page.mouse.down()
  await page.mouse.move((from + to) / 2, y, { steps: 4 })
  await page.mouse.move(to, y, { steps: 4 })
  await page.mouse.up()
  const drawn = await page.waitForFunction(() => {
    const { loads, releasedMs, drawnMs } = globalThis.probe
    const finer = loads.find(({ url, startMs: at }) => at >= releasedMs && url.includes('/metrics?'))
    return finer && drawnMs >= finer.endMs ? drawnMs - releasedMs : undefined
  })
  return Number(await drawn.jsonValue())
}

/** The middle third of a chart, and half its height. */
async function findPlot(chart: Locator): Promise<{ from: number; to: number; y: number }> {
  const plot = await chart.locator('.u-over').boundingBox()
  if (!plot) throw new Error('There is no plot to zoom into.')
  return { from: plot.x + plot.width / 3, to: plot.x + (plot.width * 2) / 3, y: plot.y + plot.height / 2 }
}

async function pan(page: Page, chart: Locator, ms: number): Promise<void> {
  const { from, to, y } = await findPlot(chart)
  const until = performance.now() + ms
  await page.keyboard.down('Shift')
  for (let turn = 0; performance.now() < until; turn += 1) {
    const [start, end] = turn % 2 === 0 ? [to, from] : [from, to]
    await page.mouse.move(start, y)
    await page.mouse.down()
    await page.mouse.move(end, y, { steps: 30 })
    await page.mouse.up()
  }
  await page.keyboard.up('Shift')
}

/** From the click on the head of a column to the frame in which another job stands first. */
async function measureOrder(page: Page): Promise<number> {
  const before = await page.locator(firstJob).first().getAttribute('href')
  await page.getByTitle('Sort by Name', { exact: true }).click()
  const seen = await page.waitForFunction(
    ([selector, old]) => {
      const link = document.querySelector(selector ?? '')
      return link && link.getAttribute('href') !== old ? performance.now() - globalThis.probe.releasedMs : undefined
    },
    [firstJob, before],
  )
  return Number(await seen.jsonValue())
}

declare const document: { querySelector(selector: string): { getAttribute(name: string): string | null } | null }

async function turnWheel(page: Page, ms: number): Promise<void> {
  const until = performance.now() + ms
  while (performance.now() < until) await page.mouse.wheel(0, wheelPx)
}

type Seen = {
  pictureMs: number
  follows: [what: string, ms: number]
  moves: [what: string, p95: number, longest: number]
}

function viewPage(scale: string, { pictureMs, follows, moves }: Seen): Figure[] {
  const about = { id: 'big-page', unit: 'ms' }
  const [act, actMs] = follows
  const [move, gapP95Ms, longestGapMs] = moves
  return [
    makeFigure({ ...about, what: `${scale}: first picture`, value: pictureMs, atMost: 2_500 }),
    makeFigure({ ...about, what: `${scale}: ${act}`, value: actMs, atMost: 500 }),
    makeFigure({ ...about, what: `${scale}: frame gap p95 while ${move}`, value: gapP95Ms, atMost: 50 }),
    makeFigure({ ...about, what: `${scale}: longest frame gap while ${move}`, value: longestGapMs, informs: true }),
  ]
}
