/**
 * P5: from `log()` to the picture. A real Python process logs the time, a real server takes it, a real Chromium draws it: the
 * canvas tells which time it shows. One machine, one clock.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { type BenchPlace, type BenchServer, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure, takePercentile } from './figure.ts'
import { type Drawn, watchCanvas } from './p5-canvas.ts'
import { followLink, launchChromium } from './page-browser.ts'

const script = fileURLToPath(new URL('../python/p5.py', import.meta.url))
const sdk = fileURLToPath(new URL('../../python/src', import.meta.url))
const uid = 'picture-latency'
const viewport = { width: 1440, height: 900 }
/** Snapshots, fonts and compilation are through after so long. */
const warmMs = 4_000

type Training = ChildProcessByStdio<Writable, Readable, null>

export async function measurePicture({ short }: { short: boolean }): Promise<Figure[]> {
  const browser = await launchChromium()
  const place = makePlace()
  try {
    const server = await startBenchServer(place)
    try {
      return await watchTraining(await browser.newPage({ viewport }), { server, place, short })
    } finally {
      await server.stop()
    }
  } finally {
    await browser.close()
    place.remove()
  }
}

type Setting = { server: BenchServer; place: BenchPlace; short: boolean }

async function watchTraining(page: Page, { server, place, short }: Setting): Promise<Figure[]> {
  // Values stay below the 999,999 that a chart still writes in full for a quarter of an hour.
  const zeroMs = Date.now()
  const training = startTraining(place.dataFolder, zeroMs)
  try {
    await openPicture(page, server)
    await pause(warmMs)
    const from = Date.now() - zeroMs
    await pause(short ? 8_000 : 60_000)
    const drawn = await page.evaluate(() => globalThis.drawn)
    return viewPicture(await endTraining(training), { drawn, from, zeroMs })
  } finally {
    training.kill('SIGKILL')
  }
}

function startTraining(dataFolder: string, zeroMs: number): Training {
  const env = { ...process.env, PYTHONPATH: sdk, PILOTHOUSE_DATA: dataFolder, PILOTHOUSE_JOB: uid }
  return spawn('python3', [script, String(zeroMs)], { stdio: ['pipe', 'pipe', 'inherit'], env })
}

/** All times that it has logged. */
async function endTraining(training: Training): Promise<number[]> {
  training.stdin.end()
  const words = await text(training.stdout)
  return JSON.parse(words.trimEnd().split('\n').at(-1) ?? '') as number[] // the script's own words
}

/** Signs in and looks at all metrics of the job, unsmoothed, the clock among them. */
async function openPicture(page: Page, server: BenchServer): Promise<void> {
  await page.addInitScript(watchCanvas)
  await followLink(page, server)
  await page.getByRole('link', { name: 'p5', exact: true }).first().waitFor()
  await page.goto(`${server.url}/job/${uid}?tab=metrics&smooth=0`)
  await page.locator('[data-chart="clock"][data-state="ready"]').scrollIntoViewIfNeeded()
}

type Seen = { drawn: readonly Drawn[]; from: number; zeroMs: number }

function viewPicture(told: readonly number[], { drawn, from, zeroMs }: Seen): Figure[] {
  const waits = listWaits(told, { drawn, from, zeroMs })
  const frames = drawn.filter(({ value }) => value >= from)
  const [first, last] = [frames.at(0), frames.at(-1)]
  if (waits.length === 0 || !first || !last)
    throw new Error('The chart of the clock has drawn nothing new: is the page built (npm run build -w packages/web)?')
  const about = { id: 'P5', unit: 'ms' }
  const what = 'log() at 1,000 points/s to the picture'
  const rate = (frames.length - 1) / ((last.at - first.at) / 1000)
  return [
    makeFigure({ ...about, what: `${what}: p50`, value: takePercentile(waits, 0.5), informs: true }),
    makeFigure({ ...about, what: `${what}: p95`, value: takePercentile(waits, 0.95), atMost: 250 }),
    makeFigure({ ...about, what: `${what}: longest`, value: Math.max(...waits), informs: true }),
    makeFigure({ id: 'P5', unit: 'frames/s', what: 'frames with a newer point', value: rate, informs: true }),
  ]
}

/** For each point from `from` on, how long after `log()` the first frame was done that shows it or a later one. */
function listWaits(told: readonly number[], { drawn, from, zeroMs }: Seen): number[] {
  let at = 0
  return told.flatMap((value) => {
    while ((drawn[at]?.value ?? Infinity) < value) at += 1
    const frame = drawn[at]
    return value >= from && frame ? [frame.at - zeroMs - value] : []
  })
}
