import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits

beforeAll(async () => {
  visits = await startVisits()
  const { world } = visits
  await (await Reporter.start(world, 'llama-run', { name: 'llama run' })).finish()
  await (
    await Reporter.start(world, 'bert-run', { name: 'bert run' })
  ).finish('failed', { type: 'E', message: 'broken' })
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

test('a job is found by name and by condition, opened, and remembered', async () => {
  const page = await visits.openPage('/')
  await page.getByRole('link', { name: 'bert run' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('llama')
  await page.getByRole('option', { name: /llama run/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(`${visits.world.url}/job/llama-run`)
  await page.getByRole('heading', { level: 1, name: 'llama run' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('group', { name: 'Looked at lately' }).getByRole('option', { name: 'llama run' }).waitFor()
  await page.keyboard.type('status:failed')
  await page.getByRole('option', { name: /bert run/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(`${visits.world.url}/job/bert-run`)
})

test('what the page can do is done from the palette, and the theme changes', async () => {
  const page = await visits.openPage('/job/llama-run')
  await page.getByRole('heading', { level: 1, name: 'llama run' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('tab: metrics')
  await page.getByRole('option', { name: 'Tab: metrics' }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(`${visits.world.url}/job/llama-run?tab=metrics`)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('theme dark')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark')
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search jobs, pages and actions' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('nothing is called so')
  await page.getByText('Nothing is called like this.').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

test('who types faster than the answers come gets what was typed', async () => {
  const page = await visits.openPage('/job/llama-run')
  await page.getByRole('heading', { level: 1, name: 'llama run' }).waitFor()
  // Everything at once, before the palette is there.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('theme darx')
  await page.keyboard.press('Backspace')
  await page.keyboard.type('k')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark')
  // A job still stands there that only the first letter had found.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('t')
  await page.getByRole('option', { name: /bert run/ }).waitFor()
  const { promise: gate, resolve: openGate } = Promise.withResolvers<void>()
  await page.route(/\/api\/jobs\?/, async (route) => {
    await gate
    await route.continue()
  })
  await page.keyboard.type('heme light')
  await page.keyboard.press('Enter')
  openGate()
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'light')
  expect(new URL(page.url()).pathname).toBe('/job/llama-run')
})

test('the sheet has every key, by where it works', async () => {
  const page = await visits.openPage('/')
  await page.getByRole('link', { name: 'bert run' }).waitFor()
  await page.keyboard.press('?')
  for (const place of ['Everywhere', 'List of jobs', 'A job', 'Charts and samples'])
    await page.getByRole('heading', { name: place, exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('v')
  await page.getByRole('table', { name: 'Jobs' }).waitFor()
  await page.keyboard.press('s')
  await page.getByRole('region', { name: 'Statistics' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await page.waitForURL(`${visits.world.url}/system`)
})

test.each(mainLooks)('palette and statistics have no faults at $width px', async (look) => {
  const page = await visits.openPage('/?charts=7', look)
  const chart = page.getByRole('img', { name: /^Jobs by day, 2 in all/ })
  await chart.waitFor()
  await chart.focus()
  await page.keyboard.press('ArrowLeft')
  await page.getByText('1 completed, 1 failed').first().waitFor()
  expect(await findFaults(page, 'statistics')).toEqual([])
  await page.getByRole('button', { name: 'Go anywhere, do anything' }).click()
  await page.getByRole('combobox', { name: 'Search jobs, pages and actions' }).fill('run')
  await page.getByRole('option', { name: /llama run/ }).waitFor()
  expect(await findFaults(page, 'palette')).toEqual([])
})
