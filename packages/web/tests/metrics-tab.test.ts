import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
let tuned: Reporter

const steps = Array.from({ length: 300 }, (_, at) => at)
const falling = (floor: number): number[] => steps.map((step) => floor + 2 * Math.exp(-step / 60) + (step % 9) * 0.02)

beforeAll(async () => {
  visits = await startVisits()
  const { world } = visits
  const first = await Reporter.start(world, 'llama-base', { name: 'llama base', project: 'sft' })
  await first.points({ loss: falling(1), lr: steps.map((step) => 1e-3 * (1 - step / 300)) }, 0)
  for (const step of [100, 200, 299]) await first.points({ 'val/loss': [1.2 + 1 / step] }, step)
  tuned = await Reporter.start(world, 'llama-tuned', { name: 'llama tuned', project: 'sft', tags: ['sweep'] })
  await tuned.points({ loss: falling(0.5).slice(0, 150) }, 0)
  await tuned.points({ 'val/loss': [0.9] }, 149)
  const other = await Reporter.start(world, 'other-work', { name: 'other work', project: 'vision' })
  await other.points({ loss: falling(2) }, 0)
  await other.finish()
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

const chart = (page: Page, title: string) => page.locator(`[data-chart="${title}"]`)
const legend = async (page: Page, title: string): Promise<string[]> =>
  chart(page, title).locator('.chart-legend-name').allTextContents()
/** Hue and dash of each series of a chart, as its legend shows them. */
const swatches = async (page: Page, title: string): Promise<string[]> =>
  chart(page, title)
    .locator('.chart-swatch')
    .evaluateAll((all) =>
      all.map((one) => {
        const dash = one.classList.contains('chart-swatch-dashed') ? ' dashed' : ''
        return (one as HTMLElement).style.color + dash
      }),
    )

test('jobs are laid over this one by search, keep their colours, and the link brings them back', async () => {
  const page = await visits.openPage('/job/llama-base?tab=metrics')
  await chart(page, 'loss').locator('[aria-label*="at step 299"]').waitFor()
  expect(await legend(page, 'loss')).toEqual(['train', 'validation'])
  await page.getByRole('button', { name: 'Overlay' }).click()
  const sheet = page.getByRole('dialog', { name: 'Lay over this job' })
  await sheet.getByRole('button', { name: /^llama tuned/ }).click()
  await sheet.getByLabel('Search jobs').fill('other')
  await sheet.getByRole('button', { name: /^other work/ }).click()
  await page.keyboard.press('Escape')
  expect(new URL(page.url()).searchParams.get('with')).toBe('llama-tuned,other-work')
  await chart(page, 'loss').locator('[aria-label*="other work train: 2."]').waitFor()
  const names = ['llama base train', 'llama tuned train', 'other work train']
  expect(await legend(page, 'loss')).toEqual([...names, 'llama base validation', 'llama tuned validation'])
  const colours = ['var(--series-1)', 'var(--series-2)', 'var(--series-3)']
  expect(await swatches(page, 'loss')).toEqual([...colours, 'var(--series-1) dashed', 'var(--series-2) dashed'])

  // What the other job still reports is drawn at once, and it keeps its colour when one is taken away.
  await page.getByRole('button', { name: 'Take llama tuned away' }).click()
  await page.waitForFunction(() => document.querySelectorAll('[data-chart="loss"] .chart-swatch').length === 3)
  expect((await swatches(page, 'loss'))[1]).toBe('var(--series-3)')
  await page.reload()
  await chart(page, 'loss').locator('[aria-label*="other work train: 2."]').waitFor()
  expect((await swatches(page, 'loss'))[1]).toBe('var(--series-3)')
})

test('an overlay follows live, and its time is its own', async () => {
  const page = await visits.openPage('/job/llama-base?tab=metrics&with=llama-tuned&smooth=0')
  await chart(page, 'loss').locator('[aria-label*="llama tuned train"]').waitFor()
  await tuned.points({ loss: [0.125] }, 150)
  await chart(page, 'loss').locator('.chart-legend-value', { hasText: '0.125' }).waitFor()
  await page.goto(`${page.url()}&x=relative`)
  await chart(page, 'loss').locator('[aria-label*="llama tuned train: 0.125"]').waitFor()
})

test('a view of the charts is kept under a name, and comes back on another job of the project', async () => {
  const page = await visits.openPage('/job/llama-base?tab=metrics&smooth=0.5&log=loss')
  await chart(page, 'loss').locator('[aria-label*="at step 299"]').waitFor()
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: /^Save/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('half smooth')
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'View: half smooth' }).waitFor()
  await page.goto(`${visits.world.url}/job/llama-tuned?tab=metrics`)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: /^half smooth/ }).click()
  await page.waitForURL((url) => url.searchParams.get('smooth') === '0.5' && url.searchParams.get('log') === 'loss')
})

test('a chart fills the window, by key and by its address, and is saved as a picture', async () => {
  const page = await visits.openPage('/job/llama-base?tab=metrics')
  const loss = chart(page, 'loss')
  await loss.locator('[aria-label*="at step 299"]').waitFor()
  await loss.locator('.u-over').hover()
  await page.keyboard.press('f')
  await page.waitForURL((url) => url.searchParams.get('full') === 'loss')
  expect(await loss.boundingBox()).toMatchObject({ x: 0, y: 0, width: 1440, height: 900 })
  await page.reload()
  await page.getByRole('button', { name: 'Leave full size of loss' }).waitFor()
  await loss.locator('[aria-label*="at step 299"]').waitFor()
  await page.getByRole('button', { name: 'Settings of loss' }).click()
  const saved = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /^Save as picture/ }).click()
  const picture = await (await saved).path()
  const bytes = await readFile(picture)
  expect((await saved).suggestedFilename()).toBe('loss.png')
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  expect(bytes.readUInt32BE(16)).toBeGreaterThan(1_000)
  await page.keyboard.press('Escape')
  await page.waitForURL((url) => !url.searchParams.has('full'))
})

test('a job that is not there is said, and can be taken away', async () => {
  const page = await visits.openPage('/job/llama-base?tab=metrics&with=no-such-job')
  await chart(page, 'loss').locator('[aria-label*="at step 299"]').waitFor()
  const chips = page.getByRole('list', { name: 'Jobs in the charts' })
  await chips.getByText(/no job/i).waitFor()
  await page.getByRole('button', { name: 'Take no-such-job away' }).click()
  await chips.waitFor({ state: 'detached' })
})

test.each(mainLooks)('overlays have no faults at $width px', async (look) => {
  const page = await visits.openPage('/job/llama-base?tab=metrics&with=llama-tuned,other-work', look)
  await chart(page, 'loss').locator('[aria-label*="other work train"]').waitFor()
  expect(await findFaults(page, 'charts')).toEqual([])
  await page.getByRole('button', { name: 'Overlay' }).click()
  await page.getByRole('button', { name: /^llama tuned/ }).waitFor()
  expect(await findFaults(page, 'picker')).toEqual([])
})
