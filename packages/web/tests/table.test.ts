import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
const jobs = 260

beforeAll(async () => {
  visits = await startVisits()
  const { world } = visits
  for (let at = 0; at < jobs; at += 1) {
    const name = `row ${String(at).padStart(3, '0')}`
    const job = await Reporter.start(world, `row-${at}`, { name, project: at % 2 ? 'odd' : 'even', config: { lr: at } })
    if (at >= 5) continue
    await job.points({ loss: [9 - at, at] }, 0)
    await job.finish()
  }
  // Values of jobs are written a little after their reports.
  const page = await visits.openPage('/?q=loss%3C1&view=table')
  await page.getByRole('link', { name: 'row 000' }).waitFor()
  await visits.leave()
}, 120_000)

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

async function listRows(page: Page): Promise<string[]> {
  return page.locator('[role="row"] a').allTextContents()
}

test('a column is chosen, sorted by, and stands in the address', async () => {
  const page = await visits.openPage('/?view=table')
  await page.getByRole('button', { name: 'Choose columns' }).click()
  await page.getByRole('searchbox', { name: 'Search columns, metrics and settings' }).fill('loss')
  await page.getByRole('button', { name: 'loss Metric', exact: true }).click()
  await page.getByRole('button', { name: 'Remove Dataset' }).click()
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('columnheader', { name: 'Dataset' }).waitFor({ state: 'detached' })
  await page.getByRole('columnheader', { name: 'loss' }).getByRole('button').click()
  await page.waitForURL((url) => url.searchParams.get('sort') === 'metric:loss')
  await page.locator('[aria-rowindex="2"]', { hasText: 'row 004' }).waitFor()
  await page.getByRole('columnheader', { name: 'loss' }).getByRole('button').click()
  await page.locator('[aria-rowindex="2"]', { hasText: 'row 000' }).waitFor()
  expect((await listRows(page)).slice(0, 5)).toEqual(['row 000', 'row 001', 'row 002', 'row 003', 'row 004'])
  expect(await page.locator('[aria-rowindex="4"] [role="cell"]').allTextContents()).toContain('2')
  expect(new URL(page.url()).searchParams.getAll('columns')).toContain('metric:loss')
})

test('only rows in sight are there, and the last job is reached by scrolling', async () => {
  const page = await visits.openPage('/?view=table&sort=name&order=asc')
  await page.getByRole('link', { name: 'row 000' }).waitFor()
  expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(jobs + 1))
  expect((await listRows(page)).length).toBeLessThan(60)
  const last = page.getByRole('link', { name: `row ${jobs - 1}` })
  await page.getByRole('table').hover()
  while ((await last.count()) === 0) await page.mouse.wheel(0, 2_000)
  await last.waitFor()
  expect((await listRows(page)).length).toBeLessThan(60)
})

test('keys walk through the list, pick jobs, tag them, archive them, and undo it', async () => {
  const page = await visits.openPage('/?view=table&sort=name&order=asc')
  await page.getByRole('link', { name: 'row 000' }).waitFor()
  for (const key of ['j', 'j', 'j', 'k', 'x', 'j', 'x']) await page.keyboard.press(key)
  await page.getByText('2 jobs selected').waitFor()
  expect(await page.getByRole('checkbox', { name: 'Select row 001' }).isChecked()).toBe(true)
  await page.keyboard.press('t')
  await page
    .getByRole('textbox', { name: 'Tag to add' })
    .or(page.getByRole('combobox', { name: 'Tag to add' }))
    .fill('picked')
  await page.keyboard.press('Enter')
  await page.getByText('2 jobs tagged picked.').waitFor()
  await page.getByRole('button', { name: 'Remove the tag picked' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('e')
  await page.getByRole('link', { name: 'row 001' }).waitFor({ state: 'detached' })
  await page.getByText(/^2 jobs archived/).waitFor()
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await page.getByRole('link', { name: 'row 001' }).waitFor()
  await page.getByText('2 jobs brought back from the archive.').waitFor()
  await page.goto(`${visits.world.url}/?view=table&q=tag:picked`)
  await page.getByRole('link', { name: 'row 002' }).waitFor()
  expect((await listRows(page)).length).toBe(2)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/job\/row-/)
})

test('who may only look picks jobs to compare them, changes none, and keeps views to himself', async () => {
  const page = await visits.openPage('/health')
  await page.route('**/api/access/session', async (route) => {
    const answer = await route.fetch()
    const session: unknown = await answer.json()
    await route.fulfill({ response: answer, json: { ...(session as object), permissions: ['training:view'] } })
  })
  await page.goto(`${visits.world.url}/?view=table`)
  await page.getByRole('link', { name: 'row 259' }).waitFor()
  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key)
  await page.getByText('2 jobs selected').waitFor()
  for (const name of ['Tags', 'Archive', 'Delete']) expect(await page.getByRole('button', { name }).count()).toBe(0)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save this view…' }).click()
  await page.getByLabel('Open this page with it').waitFor()
  expect(await page.getByLabel('Share it with everybody who may see training').count()).toBe(0)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('c')
  await page.waitForURL(/\/compare\?job=row-\d+&job=row-\d+/)
})

test.each(mainLooks)('table, selection and columns have no faults at $width px', async (look) => {
  const columns = ['state', 'tags', 'metric:loss', 'config:lr', 'progress'].map((one) => `&columns=${one}`).join('')
  const page = await visits.openPage(`/?view=table${columns}`, look)
  await page.getByRole('link', { name: 'row 259' }).waitFor()
  await page.getByRole('button', { name: 'Select jobs' }).filter({ visible: true }).click()
  await page.getByRole('checkbox', { name: 'Select row 259' }).check()
  expect(await findFaults(page, 'table')).toEqual([])
  await page.getByRole('button', { name: 'Choose columns' }).click()
  await page.getByRole('list', { name: 'Columns to add' }).waitFor()
  expect(await findFaults(page, 'columns')).toEqual([])
})
