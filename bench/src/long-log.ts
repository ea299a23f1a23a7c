/**
 * The log of a job that printed a million lines. A real server holds it, a real Chromium shows it: how long the first
 * lines take, jumps, a search and a filter that find something far away only, and how the page runs while somebody scrolls
 * as fast as a wheel turns.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@pilothouse/client'
import { encodeReport, frameContentType } from '@pilothouse/contract/wire'
import type { Page } from 'playwright-core'
import { type BenchServer, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure } from './figure.ts'
import { type OpenPage, openPageBrowser, type PageBrowser } from './page-browser.ts'

const uid = 'long-log'
const linesOf = { full: 1_000_000, short: 200_000 }
const reportLines = 5_000
/** The only lines of stderr are the first ones: whoever wants them looks through everything. */
const stderrLines = 20
/** What the browser of a person is told of one turn of the wheel, fast. */
const wheelPx = 1_200
const firstLines = '[data-line]'

export async function measureLongLog({ short }: { short: boolean }): Promise<Figure[]> {
  const total = short ? linesOf.short : linesOf.full
  const place = makePlace()
  try {
    const server = await startBenchServer(place)
    try {
      const printedMs = await printLog(server, total)
      // The server packs what came.
      await pause(short ? 2_000 : 10_000)
      const browser = await openPageBrowser(server)
      try {
        const about = { id: 'long-log', unit: 's', informs: true } as const
        const words = `${total.toLocaleString('en')} lines`
        return [
          makeFigure({ ...about, what: `${words}: from the first report to the last`, value: printedMs / 1000 }),
          ...(await measureJumps(browser, total)),
          ...(await measureScrolling(browser, short ? 5_000 : 20_000)),
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

async function printLog({ url, adminToken }: BenchServer, total: number): Promise<number> {
  const client = createClient({ baseUrl: url, token: adminToken })
  const { attempt } = await client.call('jobs.put', { params: { uid }, body: { name: uid } })
  const startedAt = performance.now()
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': frameContentType }
  for (let first = 0; first < total; first += reportLines) {
    const lines = Array.from({ length: reportLines }, (_, at) => makeLine(first + at, total))
    const cut = first === 0 ? stderrLines : 0
    const block = (stream: 'stdout' | 'stderr', from: number, to: number) => ({
      stream,
      lines: lines.slice(from, to),
      times: lines.slice(from, to).map((_, at) => Date.now() + at / 1000),
    })
    const report = encodeReport({
      attempt,
      writer: 'bench',
      number: first / reportLines + 1,
      role: 'sdk',
      sentAt: Date.now(),
      logs: [...(cut > 0 ? [block('stderr', 0, cut)] : []), block('stdout', cut, reportLines)],
      ...(first + reportLines >= total ? { state: { state: 'completed', at: Date.now() } } : {}),
    })
    const answer = await fetch(`${url}/api/jobs/${uid}/reports`, { method: 'POST', headers, body: report })
    if (!answer.ok) throw new Error(`A report was refused: ${answer.status} ${await answer.text()}`)
  }
  return performance.now() - startedAt
}

/** As a training prints them: of about 90 characters, one in fifty so long that it wraps. */
function makeLine(n: number, total: number): string {
  if (n === total / 4) return `needle at ${n}`
  const tail = n % 50 === 0 ? ' '.repeat(3) + 'layer.attention.weight '.repeat(15) : ''
  return `[step ${n}] loss=${(2 + Math.sin(n / 1000)).toFixed(4)} lr=3.0e-04 grad_norm=${(n % 97) / 10} tokens/s=41822${tail}`
}

async function measureJumps(browser: PageBrowser, total: number): Promise<Figure[]> {
  const opened = await browser.open({ path: `/job/${uid}?tab=logs`, picture: firstLines })
  const { page } = opened
  try {
    await page.locator(`[data-line="${total - 1}"]`).waitFor()
    const { pictureMs } = await opened.probe()
    const middle = await goToLine(page, total / 2)
    const end = await timeUntil(page, total - 1, () => click(page, 'Jump to end'))
    const first = await timeUntil(page, 0, async () => {
      await page.getByRole('log').focus()
      await page.keyboard.press('Home')
    })
    await click(page, 'Jump to end')
    await page.locator(`[data-line="${total - 1}"]`).waitFor()
    const stderr = await timeUntil(page, stderrLines - 1, async () => {
      await page.getByRole('button', { name: 'both streams' }).click()
      await click(page, 'stderr', 'menuitemradio')
    })
    await page.getByRole('button', { name: 'stderr' }).click()
    await click(page, 'both streams', 'menuitemradio')
    await page.locator(`[data-line="${total - 1}"]`).waitFor()
    const needle = await timeUntil(page, total / 4, () =>
      page.getByRole('searchbox', { name: 'Search the log' }).fill('needle at'),
    )
    const expressions = await searchByExpressions(page, total)
    const about = { id: 'long-log', unit: 'ms' }
    return [
      makeFigure({ ...about, what: 'first lines, from the address', value: pictureMs ?? Number.NaN, atMost: 2_500 }),
      makeFigure({ ...about, what: 'jump to the middle', value: middle, atMost: 500 }),
      makeFigure({ ...about, what: 'jump to the end', value: end, atMost: 500 }),
      makeFigure({ ...about, what: 'jump to the first line', value: first, atMost: 500 }),
      makeFigure({ ...about, what: 'one stream, found at the other end only', value: stderr, atMost: 2_000 }),
      makeFigure({ ...about, what: 'search, found three quarters away', value: needle, atMost: 4_000 }),
      makeFigure({
        ...about,
        what: 'the same by an expression with a word in it',
        value: expressions[0],
        atMost: 4_000,
      }),
      makeFigure({ ...about, what: 'the same by an expression without any', value: expressions[1], atMost: 8_000 }),
    ]
  } finally {
    await opened.close()
  }
}

/** By one from whose word it is seen that most of the log does not match, and by one that is tried on every line. */
async function searchByExpressions(page: Page, total: number): Promise<[withWord: number, without: number]> {
  await page.getByRole('button', { name: 'Regular expression' }).click()
  const search = async (text: string): Promise<number> => {
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('')
    await click(page, 'Jump to end')
    await page.locator(`[data-line="${total - 1}"]`).waitFor()
    return timeUntil(page, total / 4, () => page.getByRole('searchbox', { name: 'Search the log' }).fill(text))
  }
  return [await search(String.raw`^needle at \d+`), await search(String.raw`^[a-z]+\s[a-z]+\s\d+$`)]
}

async function goToLine(page: Page, line: number): Promise<number> {
  await page.getByRole('button', { name: 'View of the log' }).click()
  await page.getByRole('menuitem', { name: 'Go to line…' }).click()
  await page
    .getByRole('dialog')
    .getByRole('textbox')
    .fill(String(line + 1))
  return timeUntil(page, line, () => page.keyboard.press('Enter'))
}

/** From the last click or key to the frame in which the line is there, ms, by the clock of the page. */
async function timeUntil(page: Page, line: number, act: () => Promise<unknown>): Promise<number> {
  await page.evaluate(watchLine, line)
  await act()
  await page.waitForFunction(() => globalThis.lineSeenMs !== undefined)
  return page.evaluate(() => (globalThis.lineSeenMs ?? Number.NaN) - (globalThis.actedMs ?? Number.NaN))
}

declare const document: { querySelector(selector: string): unknown }
declare const window: { addEventListener(type: string, listener: () => void, capture: boolean): void }
declare function requestAnimationFrame(callback: () => void): number
declare global {
  var lineSeenMs: number | undefined
  var actedMs: number | undefined
}

/** Runs in the page. */
function watchLine(line: number): void {
  globalThis.lineSeenMs = undefined
  globalThis.actedMs = performance.now()
  for (const type of ['pointerdown', 'keydown', 'input'])
    window.addEventListener(type, () => (globalThis.actedMs = performance.now()), true)
  const look = (): void => {
    if (document.querySelector(`[data-line="${line}"]`)) globalThis.lineSeenMs = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

async function click(page: Page, name: string, role: 'button' | 'menuitemradio' = 'button'): Promise<void> {
  await page.getByRole(role, { name, exact: true }).click()
}

/** Up from the end: by a wheel, and then as a scroll bar is dragged, a few screens each frame. */
async function measureScrolling(browser: PageBrowser, ms: number): Promise<Figure[]> {
  const opened = await browser.open({ path: `/job/${uid}?tab=logs`, picture: firstLines })
  const { page } = opened
  try {
    await page.getByRole('log').hover()
    const before = await opened.readMemory()
    const wheel = await measureStretch(opened, 'wheel', () => turnWheel(page, ms))
    const drag = await measureStretch(opened, 'dragging', () => page.evaluate(dragUp, ms))
    const after = await opened.readMemory()
    return [
      ...wheel,
      ...drag,
      makeFigure({ id: 'long-log', unit: 'MB', what: 'heap at the begin', value: before.heapMb, informs: true }),
      makeFigure({ id: 'long-log', unit: 'MB', what: 'heap after scrolling', value: after.heapMb, atMost: 150 }),
      makeFigure({ id: 'long-log', unit: '', what: 'elements in the page', value: after.nodes, atMost: 10_000 }),
    ]
  } finally {
    await opened.close()
  }
}

async function measureStretch(opened: OpenPage, what: string, scroll: () => Promise<unknown>): Promise<Figure[]> {
  const from = await readFirst(opened.page)
  const { gapP95Ms, longestGapMs, busy, ms } = await opened.measure(scroll)
  const passed = from - (await readFirst(opened.page))
  const about = { id: 'long-log', unit: 'ms' }
  return [
    makeFigure({ ...about, what: `${what}: frame gap p95`, value: gapP95Ms, atMost: 50 }),
    makeFigure({ ...about, what: `${what}: longest frame gap`, value: longestGapMs, informs: true }),
    makeFigure({ id: 'long-log', unit: '%', what: `${what}: main thread busy`, value: busy * 100, informs: true }),
    makeFigure({
      id: 'long-log',
      unit: 'lines/s',
      what: `${what}: lines passed`,
      value: passed / (ms / 1000),
      informs: true,
    }),
  ]
}

async function turnWheel(page: Page, ms: number): Promise<void> {
  const until = performance.now() + ms
  while (performance.now() < until) await page.mouse.wheel(0, -wheelPx)
}

/** Runs in the page. */
async function dragUp(ms: number): Promise<void> {
  const log = document.querySelector('[role="log"]') as { scrollTop: number } | null // an element of the page
  const until = performance.now() + ms
  while (log && performance.now() < until) {
    log.scrollTop -= 2_400
    await new Promise<void>((resolve) => requestAnimationFrame(() => resolve()))
  }
}

async function readFirst(page: Page): Promise<number> {
  return Number(await page.locator(firstLines).first().getAttribute('data-line'))
}
