import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
let job: Reporter
let ranked: Reporter

const steps = Array.from({ length: 400 }, (_, at) => at)
const noise = (step: number): number => Math.abs(Math.sin(step * 12.9898) * 43_758.5453) % 1

beforeAll(async () => {
  visits = await startVisits()
  const { world } = visits
  job = await Reporter.start(world, 'many-charts', { name: 'many charts', project: 'sft' })
  const falling = (floor: number): number[] => steps.map((step) => floor + 2 * Math.exp(-step / 80) + noise(step) * 0.4)
  await job.points(
    {
      loss: falling(1).map((value, at) => (at === 210 ? 900 : value)),
      lr: steps.map((step) => 1e-3 * (1 - step / 400)),
      'layer/1/norm': falling(0.2),
      'layer/2/norm': falling(0.3),
      'optim/beta': falling(0),
      'optim/grad': falling(4),
    },
    0,
  )
  await job.points({ 'val/loss': [1.4, 1.3, 1.2, 1.1] }, 396)
  ranked = await Reporter.start(world, 'many-ranks', { name: 'many ranks', project: 'ranks' })
  await ranked.points({ loss: falling(1) }, 0)
  for (const rank of [0, 1, 2]) {
    const own = { 'step/time': steps.map((step) => 2 * rank + noise(step) / 4), loss: falling(1 + rank) }
    await ranked.points(own, 0, { source: `rank:${rank}` })
  }
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

const chart = (page: Page, title: string) => page.locator(`[data-chart="${title}"]`)
const titles = async (page: Page): Promise<(string | null)[]> =>
  page.locator('[data-chart]').evaluateAll((all) => all.map((one) => one.getAttribute('data-chart')))
const isReady = async (page: Page, title: string): Promise<void> => {
  await chart(page, title).scrollIntoViewIfNeeded()
  await chart(page, title).locator('.u-over').waitFor()
}
const parameter = (page: Page, name: string): string | null => new URL(page.url()).searchParams.get(name)

test('the server averages, and live points go on with it', async () => {
  const asked: (string | null)[] = []
  const page = await visits.openPage('/job/many-charts?tab=metrics')
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url())
    if (pathname.endsWith('/metrics')) asked.push(searchParams.get('smooth'))
  })
  await isReady(page, 'loss')
  await page.getByLabel('smoothing').fill('2')
  await page.waitForURL((url) => url.searchParams.get('smooth') === '0.99')
  await expect.poll(() => asked).toContain('0.99')
  await isReady(page, 'optim/grad')
  const value = chart(page, 'optim/grad').locator('.chart-legend-value')
  await chart(page, 'optim/grad').locator('.chart-legend-value[title^=smoothed]').waitFor()
  const before = Number(await value.textContent())
  await job.points({ 'optim/grad': [50] }, 400)
  // A hundredth of the way to the new value.
  await expect.poll(async () => Number(await value.textContent())).toBeGreaterThan(before + 0.3)
  expect(Number(await value.textContent())).toBeLessThan(before + 0.8)
  await page.getByRole('button', { name: 'auto' }).click()
  await page.waitForURL((url) => !url.searchParams.has('smooth'))
})

/** What the chart's canvas shows, as numbers. */
const readPixels = async (page: Page, title: string): Promise<number[]> =>
  chart(page, title)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => [
      ...(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []),
    ])

/** Times the canvas was cleared from its corner: drawn whole. */
const readWholes = async (page: Page): Promise<number> =>
  page.evaluate(() => Number(Reflect.get(globalThis, 'wholes') ?? 0))

test('points that come are drawn behind those that are there, and the picture is what a new one would be', async () => {
  const own = await Reporter.start(visits.world, 'drawn-on', { name: 'drawn on', project: 'sft' })
  const curve = (floor: number, from: number, to: number): number[] =>
    steps.slice(from, to).map((step) => floor + 2 * Math.exp(-step / 80) + noise(step) * 0.4)
  await own.points({ loss: curve(1, 0, 300), 'val/loss': curve(1.5, 0, 300), 'test/loss': curve(2, 0, 300) }, 0)
  const page = await visits.openPage('/job/drawn-on?tab=metrics')
  await isReady(page, 'loss')
  const value = chart(page, 'loss').locator('.chart-legend-value').first()
  await page.evaluate(() => {
    const { prototype } = CanvasRenderingContext2D
    const clear = prototype.clearRect
    prototype.clearRect = function clearAndCount(x, y, width, height) {
      clear.call(this, x, y, width, height)
      if (x === 0) Reflect.set(globalThis, 'wholes', Number(Reflect.get(globalThis, 'wholes') ?? 0) + 1)
    }
  })
  const report = async (step: number): Promise<void> => {
    const before = await value.textContent()
    const at = (floor: number): number[] => curve(floor, step, step + 1)
    await own.points({ loss: at(1), 'val/loss': at(1.5), 'test/loss': at(2) }, step)
    await expect.poll(async () => value.textContent()).not.toBe(before)
  }
  // The first one grows out of the picture, which gets some room ahead.
  await report(300)
  const wholes = await readWholes(page)
  expect(wholes).toBeGreaterThan(0)
  await report(301)
  await report(302)
  expect(await readWholes(page)).toBe(wholes)

  const drawnOn = await readPixels(page, 'loss')
  await page.evaluate(() => window.dispatchEvent(new Event('pilothouse:theme')))
  await expect.poll(() => readWholes(page)).toBeGreaterThan(wholes)
  const anew = await readPixels(page, 'loss')
  expect(anew.length).toBe(drawnOn.length)
  const isOff = (value: number, at: number): boolean => Math.abs(value - (anew[at] ?? 0)) > 90
  // Where three times two segments meet, their soft edges are covered twice.
  expect(drawnOn.filter(isOff).length).toBeLessThan(60)
})

test('outliers are left out of the scale, and a link says so', async () => {
  const page = await visits.openPage('/job/many-charts?tab=metrics&smooth=0')
  await isReady(page, 'loss')
  const button = page.getByRole('button', { name: 'Ignore outliers' })
  await button.click()
  await page.waitForURL((url) => url.searchParams.get('clip') === '1')
  await page.reload()
  await isReady(page, 'loss')
  expect(await button.getAttribute('aria-pressed')).toBe('true')
})

test('a chart is pinned by its button and by key, groups fold, and the address has both', async () => {
  const page = await visits.openPage('/job/many-charts?tab=metrics')
  await isReady(page, 'optim/grad')
  expect(await titles(page)).toEqual(['loss', 'lr', 'optim/grad', 'optim/beta', 'layer/1/norm', 'layer/2/norm'])
  await page.getByRole('button', { name: 'Pin layer/2/norm' }).click()
  await page.waitForURL((url) => url.searchParams.get('pinned') === 'layer/2/norm')
  await chart(page, 'lr').locator('.u-over').hover()
  await page.keyboard.press('t')
  await page.getByRole('button', { name: /^optim/ }).click()
  await page.waitForURL((url) => url.searchParams.get('folded') === 'optim')
  await page.reload()
  await isReady(page, 'lr')
  expect(await titles(page)).toEqual(['layer/2/norm', 'lr', 'loss', 'layer/1/norm'])
  expect(new URL(page.url()).searchParams.getAll('pinned')).toEqual(['layer/2/norm', 'lr'])
  await page.getByRole('button', { name: 'Pin lr' }).click()
  await expect.poll(async () => titles(page)).toEqual(['layer/2/norm', 'loss', 'lr', 'layer/1/norm'])
  expect(parameter(page, 'pinned')).toBe('layer/2/norm')
})

test('a metric is put onto the chart of another, with its own axis, and the link brings it back', async () => {
  const page = await visits.openPage('/job/many-charts?tab=metrics&clip=1&xlog=1')
  await isReady(page, 'loss')
  await page.getByRole('button', { name: 'Settings of loss' }).click()
  await page.getByRole('menuitem', { name: /^Add a metric/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Metrics on «loss»' })
  await dialog.getByLabel('Find a metric').fill('l')
  await dialog.getByRole('button', { name: 'Add lr' }).click()
  await dialog.getByRole('button', { name: 'Add layer/1/norm' }).click()
  await dialog.getByLabel('Axis of layer/1/norm').selectOption('left axis')
  await dialog.getByLabel('Axis of val/loss').selectOption('right axis')
  await dialog.getByLabel('Axis of val/loss').selectOption('left axis')
  expect(await findFaults(page, 'lines')).toEqual([])
  await page.keyboard.press('Escape')
  const { searchParams } = new URL(page.url())
  expect([searchParams.getAll('join'), searchParams.getAll('right')]).toEqual([
    ['loss:lr', 'loss:layer/1/norm'],
    ['loss:lr'],
  ])
  await page.reload()
  await isReady(page, 'loss')
  const names = chart(page, 'loss').locator('.chart-legend-name')
  await expect.poll(async () => names.allTextContents()).toEqual(['train', 'validation', 'lr (right)', 'layer/1/norm'])
  expect(await page.getByRole('button', { name: /^x Step log/ }).count()).toBe(1)
  if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/combined.png` })
})

test('of several sources a chart shows their mean, all of them, or one', async () => {
  const page = await visits.openPage('/job/many-ranks?tab=metrics&smooth=0')
  const time = chart(page, 'step/time')
  await isReady(page, 'step/time')
  const value = time.locator('.chart-legend-value')
  expect(await time.locator('.chart-legend-name').allTextContents()).toEqual(['mean of 3 sources'])
  // No source of its own: the mean of 0, 2 and 4, each with the same noise.
  await expect.poll(async () => Math.floor(Number(await value.textContent()))).toBe(2)
  await ranked.points({ 'step/time': [9] }, 400, { source: 'rank:1' })
  await page.getByRole('button', { name: 'Settings of step/time' }).click()
  await page.getByRole('menuitemradio', { name: 'All 3, a line each' }).click()
  await expect
    .poll(async () => time.locator('.chart-legend-name').allTextContents())
    .toEqual(['rank 0', 'rank 1', 'rank 2'])
  await time.locator('.chart-legend-value', { hasText: /^9$/ }).waitFor()
  expect(await findFaults(page, 'sources')).toEqual([])
  await page.getByRole('button', { name: 'Settings of loss' }).click()
  await page.getByRole('menuitemradio', { name: 'rank 2' }).click()
  expect(new URL(page.url()).searchParams.getAll('sources')).toEqual(['step/time:all', 'loss:rank:2'])
  await page.reload()
  await isReady(page, 'loss')
  await expect
    .poll(async () => Number(await chart(page, 'loss').locator('.chart-legend-value').textContent()))
    .toBeGreaterThan(3)
  await isReady(page, 'step/time')
  expect(await time.locator('.chart-legend-name').allTextContents()).toEqual(['rank 0', 'rank 1', 'rank 2'])
  if (process.env['PICTURES']) {
    await page.goto(`${visits.world.url}/job/many-ranks?tab=metrics&sources=loss:mean`)
    await isReady(page, 'loss')
    await isReady(page, 'step/time')
    await page.screenshot({ path: `${process.env['PICTURES']}/sources.png` })
  }
})

test('a chart is saved as vectors that stand by themselves', async () => {
  const page = await visits.openPage('/job/many-charts?tab=metrics', { dark: true })
  await isReady(page, 'loss')
  await page.getByRole('button', { name: 'Settings of loss' }).click()
  const saved = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /^Save as vectors/ }).click()
  expect((await saved).suggestedFilename()).toBe('loss.svg')
  const text = await readFile(await (await saved).path(), 'utf8')
  if (process.env['PICTURES']) await (await saved).saveAs(`${process.env['PICTURES']}/loss.svg`)
  expect(text).not.toMatch(/oklch|var\(|NaN|href/)
  await page.setContent(text)
  const drawn = await page.evaluate(() => ({
    texts: [...document.querySelectorAll('svg text')].map((one) => one.textContent),
    longest: Math.max(...[...document.querySelectorAll('svg path')].map((one) => (one.getAttribute('d') ?? '').length)),
    strokes: document.querySelectorAll('svg path[stroke]').length,
  }))
  expect(drawn.texts).toEqual(expect.arrayContaining(['loss', 'train', 'validation', '0', '200']))
  expect(drawn.longest).toBeGreaterThan(3_000)
  expect(drawn.strokes).toBeGreaterThan(5)
  if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/svg.png` })
})

test.each(mainLooks)('pinned and folded charts have no faults at $width px', async (look) => {
  const path = '/job/many-charts?tab=metrics&clip=1&pinned=lr&folded=optim&join=loss:lr&right=loss:lr'
  const page = await visits.openPage(path, look)
  await isReady(page, 'lr')
  await isReady(page, 'loss')
  expect(await findFaults(page, 'charts')).toEqual([])
  await page.getByRole('button', { name: 'Settings of lr' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Show as table' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('region', { name: 'Values of lr' }).waitFor()
  expect(await findFaults(page, 'table')).toEqual([])
  await page.getByRole('button', { name: 'Settings of loss' }).click()
  await page.getByRole('menuitem', { name: /^Add a metric/ }).click()
  await page.getByLabel('Axis of lr').waitFor()
  expect(await findFaults(page, 'lines')).toEqual([])
  if (process.env['PICTURES']) {
    await page.screenshot({ path: `${process.env['PICTURES']}/charts-${look.width}.png`, fullPage: true })
  }
})
