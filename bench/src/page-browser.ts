/** A real browser that looks at a real server, for what is measured of the page. */
import { createClient } from '@pilothouse/client'
import { type Browser, type BrowserContext, type CDPSession, type Page, chromium } from 'playwright-core'
import { chromiumArgs, findChromium } from '../../lab/find-chromium.ts'
import type { BenchServer } from './bench-server.ts'
import { takePercentile } from './figure.ts'
import { type Probe, watchPage } from './page-probe.ts'

type SignedIn = Awaited<ReturnType<BrowserContext['storageState']>>

/** What a page is opened with; every page has a context of its own, so nothing is cached. */
export type Visit = {
  path: string
  /** Selector of what makes the first picture. */
  picture: string
  height?: number
}

export type PageBrowser = {
  open(visit: Visit): Promise<OpenPage>
  close(): Promise<void>
}

/** Launches the browser and signs in, with a link as a person gets one. */
export async function openPageBrowser(server: BenchServer): Promise<PageBrowser> {
  const browser = await launchChromium()
  const storageState = await signIn(browser, server)
  return {
    open: async ({ path, picture, height = 900 }) => {
      const context = await browser.newContext({ storageState, viewport: { width: 1440, height } })
      const page = await context.newPage()
      await page.addInitScript(watchPage, picture)
      const sessions = await Promise.all([context.newCDPSession(page), context.newCDPSession(page)])
      await page.goto(server.url + path)
      await page.waitForFunction(() => globalThis.probe.pictureMs !== null, undefined, { timeout: 60_000 })
      return OpenPage.attach(page, sessions)
    },
    close: async () => browser.close(),
  }
}

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: chromiumArgs })
}

/** Goes to the link that signs in, and waits until the page has taken it. */
export async function followLink(page: Page, { url, adminToken }: BenchServer): Promise<void> {
  const link = await createClient({ baseUrl: url, token: adminToken }).call('access.link')
  await page.goto(link.url)
  await page.getByRole('navigation').first().waitFor()
}

async function signIn(browser: Browser, server: BenchServer): Promise<SignedIn> {
  const context = await browser.newContext()
  await followLink(await context.newPage(), server)
  const state = await context.storageState()
  await context.close()
  return state
}

/** What the page did between two looks. */
export type Stretch = {
  /** Share of the time in which the main thread had a task, whether or not it had a processor. */
  busy: number
  /** Share of a processor that it took. */
  cpu: number
  gapP95Ms: number
  longestGapMs: number
  longTasks: number
  ms: number
}

export type Memory = { heapMb: number; nodes: number; listeners: number }
export type Weight = { codeKb: number; fontsKb: number; answersKb: number }

/** A page that is measured through the protocol of the browser's own tools. */
export class OpenPage {
  readonly page: Page
  readonly #wall: CDPSession
  readonly #cpu: CDPSession

  private constructor(page: Page, [wall, cpu]: [CDPSession, CDPSession]) {
    this.page = page
    this.#wall = wall
    this.#cpu = cpu
  }

  static async attach(page: Page, [wall, cpu]: [CDPSession, CDPSession]): Promise<OpenPage> {
    await wall.send('Performance.enable', { timeDomain: 'timeTicks' })
    await cpu.send('Performance.enable', { timeDomain: 'threadTicks' })
    return new OpenPage(page, [wall, cpu])
  }

  probe(): Promise<Probe> {
    return this.page.evaluate(() => globalThis.probe)
  }

  /** Does something, or waits, and tells what the main thread did meanwhile. */
  async measure(work: () => Promise<unknown>): Promise<Stretch> {
    const before = await this.#readTasks()
    await this.page.evaluate(() => {
      globalThis.probe.gaps.length = 0
      globalThis.probe.longTasks.length = 0
    })
    await work()
    const { gaps, longTasks } = await this.probe()
    const after = await this.#readTasks()
    const ms = after.atMs - before.atMs
    return {
      busy: (after.wallMs - before.wallMs) / ms,
      cpu: (after.cpuMs - before.cpuMs) / ms,
      gapP95Ms: takePercentile(gaps, 0.95),
      longestGapMs: Math.max(...gaps),
      longTasks: longTasks.length,
      ms,
    }
  }

  /** The same while frames are counted only twice a second: what the page does by itself. */
  async measureAlone(work: () => Promise<unknown>): Promise<Stretch> {
    await this.page.evaluate(() => (globalThis.probe.isResting = true))
    const stretch = await this.measure(work)
    await this.page.evaluate(() => (globalThis.probe.isResting = false))
    await this.page.waitForFunction(() => globalThis.probe.gaps.length > 1)
    return stretch
  }

  /** What is left after a collection: objects, typed arrays and what the browser holds for them. */
  async readMemory(): Promise<Memory> {
    for (let round = 0; round < 2; round += 1) await this.#wall.send('HeapProfiler.collectGarbage')
    const usage = await this.#wall.send('Runtime.getHeapUsage')
    const metrics = await readMetrics(this.#wall)
    const bytes = usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize
    return { heapMb: bytes / 2 ** 20, nodes: metrics['Nodes'] ?? 0, listeners: metrics['JSEventListeners'] ?? 0 }
  }

  /** What came over the line before the first picture, as it was sent: compressed, where the server compresses. */
  async readWeight(): Promise<Weight> {
    const { loads, pictureMs } = await this.probe()
    const fetched = loads
      .filter(({ endMs }) => endMs <= (pictureMs ?? 0))
      .map(({ url, bytes }) => ({ path: new URL(url).pathname, bytes }))
    const sum = (wanted: (path: string) => boolean): number =>
      fetched.reduce((bytes, { path, bytes: more }) => bytes + (wanted(path) ? more : 0), 0) / 1024
    const isFont = (path: string): boolean => path.endsWith('.woff2')
    const isAnswer = (path: string): boolean => path.startsWith('/api/')
    return {
      codeKb: sum((path) => !isFont(path) && !isAnswer(path)),
      fontsKb: sum(isFont),
      answersKb: sum(isAnswer),
    }
  }

  close(): Promise<void> {
    return this.page.context().close()
  }

  async #readTasks(): Promise<{ atMs: number; wallMs: number; cpuMs: number }> {
    const [wall, cpu] = [await readMetrics(this.#wall), await readMetrics(this.#cpu)]
    const ms = (seconds: number | undefined): number => (seconds ?? Number.NaN) * 1000
    return { atMs: ms(wall['Timestamp']), wallMs: ms(wall['TaskDuration']), cpuMs: ms(cpu['TaskDuration']) }
  }
}

async function readMetrics(session: CDPSession): Promise<Record<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics')
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
}
