/**
 * P7: the page while a job streams into it: 8 charts with 3 series each at 10 Hz, and 1,000 log lines/s. A real Python
 * process reports, a real server serves the built page, a real Chromium shows it. Once with all eight charts in sight,
 * once the overview, in which the log runs along.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure } from './figure.ts'
import { type Memory, type OpenPage, openPageBrowser, type PageBrowser, type Stretch } from './page-browser.ts'
import { startStreamingJob, streamedCharts } from './streaming-job.ts'

const uid = 'streaming'
/** High enough for eight charts, two a row. */
const tallPx = 1_700
const readyChart = '[data-chart][data-state="ready"]'
const firstLoadKbMax = 260

/**
 * A page begins to be measured when its window of the log is full (50,000 lines): from then on memory has no reason to
 * grow. The short form does not wait for that and judges no memory.
 */
const times = {
  full: { warmMs: 60_000, measureMs: 30_000 },
  short: { warmMs: 5_000, measureMs: 10_000 },
} as const

type Times = (typeof times)[keyof typeof times]

export async function measurePage({ short }: { short: boolean }): Promise<Figure[]> {
  const place = makePlace()
  try {
    const server = await startBenchServer(place)
    const job = startStreamingJob(place, uid)
    const browser = await openPageBrowser(server)
    try {
      const load = await measureFirstLoads(browser)
      const charts = await watchStream(browser, `?tab=metrics`, short ? times.short : times.full)
      const overview = await watchStream(browser, '', short ? times.short : times.full)
      return [
        ...load,
        ...viewStream('8 charts × 3 series at 10 Hz, all in sight', charts, short),
        ...viewStream('overview, 4 charts and 1,000 lines/s', overview, short),
      ]
    } finally {
      await browser.close()
      await job.stop()
      await server.stop()
    }
  } finally {
    place.remove()
  }
}

async function measureFirstLoads(browser: PageBrowser): Promise<Figure[]> {
  return [
    ...(await measureFirstLoad(browser, { what: 'dashboard', path: '/', picture: 'a[href^="/job/"]' })),
    ...(await measureFirstLoad(browser, { what: 'job page', path: `/job/${uid}`, picture: readyChart })),
  ]
}

type FirstLoad = { what: string; path: string; picture: string }

async function measureFirstLoad(browser: PageBrowser, { what, path, picture }: FirstLoad): Promise<Figure[]> {
  const page = await browser.open({ path, picture })
  try {
    const weight = await page.readWeight()
    // What comes after the picture may still move it.
    await pause(1_000)
    const { pictureMs, largestPaintMs, layoutShift } = await page.probe()
    const about = { id: 'P7', unit: 'kB' }
    return [
      makeFigure({ ...about, what: `first load of the ${what}: code`, value: weight.codeKb, atMost: firstLoadKbMax }),
      makeFigure({ ...about, what: `first load of the ${what}: fonts`, value: weight.fontsKb, informs: true }),
      makeFigure({ ...about, what: `first load of the ${what}: data`, value: weight.answersKb, informs: true }),
      makeFigure({
        id: 'P7',
        unit: 'ms',
        what: `${what}: first picture`,
        value: pictureMs ?? Number.NaN,
        informs: true,
      }),
      makeFigure({ id: 'P7', unit: 'ms', what: `${what}: largest paint (LCP)`, value: largestPaintMs, atMost: 2_500 }),
      makeFigure({ id: 'P7', unit: '', what: `${what}: layout shift (CLS)`, value: layoutShift, atMost: 0.1 }),
    ]
  } finally {
    await page.close()
  }
}

/** `alone`: no frames counted, which is work of its own; `counted`: what frames and long tasks there are. */
type Stream = { alone: Stretch; counted: Stretch; before: Memory; after: Memory }

async function watchStream(browser: PageBrowser, search: string, { warmMs, measureMs }: Times): Promise<Stream> {
  const page = await browser.open({
    path: `/job/${uid}${search}`,
    picture: readyChart,
    height: search === '' ? 900 : tallPx,
  })
  try {
    if (search !== '') await waitForCharts(page)
    await pause(warmMs)
    const before = await page.readMemory()
    const alone = await page.measureAlone(() => pause(measureMs))
    const counted = await page.measure(() => pause(measureMs))
    return { alone, counted, before, after: await page.readMemory() }
  } finally {
    await page.close()
  }
}

async function waitForCharts({ page }: OpenPage): Promise<void> {
  await page
    .locator(readyChart)
    .nth(streamedCharts - 1)
    .waitFor()
}

function viewStream(what: string, { alone, counted, before, after }: Stream, short: boolean): Figure[] {
  const { busy, cpu } = alone
  const { gapP95Ms, longestGapMs, longTasks, ms } = counted
  const about = { id: 'P7', unit: 'ms' }
  const growth = after.heapMb - before.heapMb
  return [
    makeFigure({ id: 'P7', unit: '%', what: `${what}: main thread busy`, value: busy * 100, atMost: 30 }),
    makeFigure({ id: 'P7', unit: '%', what: `${what}: processor of the main thread`, value: cpu * 100, informs: true }),
    makeFigure({ ...about, what: `${what}: frame gap p95`, value: gapP95Ms, atMost: 20 }),
    makeFigure({ ...about, what: `${what}: longest frame gap`, value: longestGapMs, informs: true }),
    makeFigure({
      id: 'P7',
      unit: '',
      what: `${what}: long tasks in 10 s`,
      value: (longTasks / ms) * 10_000,
      atMost: 2,
    }),
    makeFigure({ id: 'P7', unit: 'MB', what: `${what}: heap at the end`, value: after.heapMb, informs: true }),
    makeFigure({
      id: 'P7',
      unit: 'MB/min',
      what: `${what}: heap grows by`,
      value: (growth / (alone.ms + ms)) * 60_000,
      ...(short ? { informs: true } : { atMost: 2 }),
    }),
    makeFigure({ id: 'P7', unit: '', what: `${what}: elements in the page`, value: after.nodes, informs: true }),
  ]
}
