import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits

beforeAll(async () => {
  visits = await startVisits()
  const { world } = visits
  const good = await Reporter.start(world, 'good-run', { name: 'good run', tags: ['llama'], config: { lr: 1e-4 } })
  await good.points({ loss: [3, 2, 1] }, 0)
  await good.finish()
  const bad = await Reporter.start(world, 'bad-run', { name: 'bad run', tags: ['llama', 'old'], config: { lr: 0.1 } })
  await bad.points({ loss: [3, 5] }, 0)
  await bad.finish('failed', { type: 'ModuleNotFoundError', message: "No module named 'flash_attn'" })
  await Reporter.start(world, 'other-run', { name: 'other run', project: 'vision' })
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

test('a search by metrics and settings finds its jobs, and the address keeps it', async () => {
  const page = await visits.openPage('/')
  await page.getByRole('link', { name: 'other run' }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('loss<2 config.lr<1 -tag:old')
  await page.waitForURL((url) => url.searchParams.get('q') === 'loss<2 config.lr<1 -tag:old')
  await page.getByRole('link', { name: 'other run' }).waitFor({ state: 'detached' })
  // Values are written about a second after the job has ended; the list is asked for again by itself.
  await page.getByRole('link', { name: 'good run' }).waitFor()
  expect(await page.locator('article').count()).toBe(1)
})

test('fields, values and names are completed by keyboard', async () => {
  const page = await visits.openPage('/')
  await page.getByRole('link', { name: 'other run' }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('sta')
  await page.getByRole('option', { name: /^status/ }).waitFor()
  expect(await findFaults(page, 'completion')).toEqual([])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('option', { name: 'failed' }).waitFor()
  await page.keyboard.type('fai')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  const field = page.getByRole('combobox', { name: 'Search jobs' })
  expect(await field.inputValue()).toBe('status:failed ')
  await page.getByRole('link', { name: 'other run' }).waitFor({ state: 'detached' })
  await page.keyboard.type('los')
  await page.getByRole('option', { name: 'loss Metric' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('listbox').waitFor({ state: 'hidden' })
})

test.each(mainLooks)('cards, completion and faults have no faults of their own at $width px', async (look) => {
  const page = await visits.openPage('/?q=run', look)
  await page
    .locator('article')
    .getByText(/flash_attn/)
    .waitFor()
  await page.getByRole('combobox', { name: 'Search jobs' }).fill('run status:')
  await page.getByRole('option', { name: 'failed' }).waitFor()
  await page.getByText('A value is missing after «status»').waitFor()
  expect(await findFaults(page, 'search')).toEqual([])
})

test('what cannot be read is told at its place, and the list stays', async () => {
  const page = await visits.openPage('/')
  await page.getByRole('link', { name: 'other run' }).waitFor()
  await page.getByRole('combobox', { name: 'Search jobs' }).fill('status:faild')
  await page.getByText('«faild» is no state').waitFor()
  expect(await page.locator('article').count()).toBe(3)
  expect(await findFaults(page, 'fault')).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'This search cannot be read' }).waitFor()
})

test('a failed card says why, instead of a curve', async () => {
  const page = await visits.openPage('/?q=bad')
  await page
    .locator('article')
    .getByText(/flash_attn/)
    .waitFor()
  expect(await page.locator('article svg path').count()).toBeGreaterThan(0)
  const words = await page.locator('article p').last().textContent()
  expect(words).not.toContain('No module named')
})
