/** The page of costs: what is spent now, how it came together, and budgets that are set in the page and tell. */
import type { CostNow } from '@pilothouse/contract'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { readAdminToken, Reporter } from './world.ts'

let visits: Visits
const hour = 3_600_000

beforeAll(async () => {
  visits = await startVisits()
})
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

async function send(method: string, path: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${await readAdminToken(visits.world)}`, 'content-type': 'application/json' }
  const { status } = await fetch(visits.world.url + path, { method, headers, body: JSON.stringify(body) })
  expect(status).toBe(200)
}

async function readNow(): Promise<unknown> {
  const headers = { authorization: `Bearer ${await readAdminToken(visits.world)}` }
  return (await fetch(`${visits.world.url}/api/costs`, { headers })).json()
}

function readTotal(now: unknown): number {
  return (now as CostNow).currencies[0]?.spent.total ?? 0 // what this route answers with
}

test('an empty page says what rates are, and leads admins to them', async () => {
  const page = await visits.openPage('/costs')
  await page.getByRole('heading', { name: 'Nobody has said what hours cost' }).waitFor()
  await page.getByText(/^No budget yet\./).waitFor()
  await page.getByRole('link', { name: 'Set rates' }).click()
  await page.getByRole('region', { name: 'Rates' }).waitFor()
  const viewer = await visits.openPageAs('viewer', '/costs')
  await viewer.getByText('An admin sets them on the page System.').waitFor()
  expect(await viewer.getByRole('button', { name: 'Set a budget' }).count()).toBe(0)
})

test('costs stand by project, member and target, and what runs tells what it will have cost', async () => {
  const since = (hours: number) => ({ createdAt: Date.now() - hours * hour, startedAt: Date.now() - hours * hour })
  const done = await Reporter.start(visits.world, 'done', {
    name: 'done',
    project: 'vision',
    target: 'lab',
    ...since(30),
  })
  await done.finish()
  const going = { name: 'goes on', project: 'a project with a name that is long enough to wrap', target: 'lab' }
  await Reporter.start(visits.world, 'going', { ...going, ...since(2) })
  await send('PUT', '/api/system/rates', { currency: 'USD', rates: [{ hostHour: 2 }] })
  await expect.poll(readNow, { timeout: 20_000 }).toMatchObject({ currencies: [{ perHour: 2 }] })
  await expect.poll(async () => readTotal(await readNow()), { timeout: 20_000 }).toBeGreaterThan(63.9)
  const page = await visits.openPage('/costs')
  const figures = page.getByLabel('Costs in USD', { exact: true })
  await figures.getByText('$2.00').waitFor()
  await page.getByRole('img', { name: /^Costs in USD by day, \$64\.0\d in all/ }).waitFor()
  const history = page.getByRole('region', { name: 'History' })
  await history.getByRole('row', { name: /^vision 30\S* \$60\.0\d$/ }).waitFor()
  await history.getByRole('button', { name: 'Target' }).click()
  await history.getByRole('row', { name: /^lab 32\S* \$64\.0\d$/ }).waitFor()
  expect(page.url()).toContain('by=target')
  const download = page.waitForEvent('download')
  await history.getByRole('button', { name: 'CSV' }).click()
  expect((await download).suggestedFilename()).toBe('costs-by-target.csv')
  await page
    .getByRole('region', { name: 'Running' })
    .getByRole('row', { name: /goes on.* \$2\.00 \$4\.0\d not known/ })
    .waitFor()
})

test('a budget is set in the page, told, changed and deleted', async () => {
  const page = await visits.openPage('/costs')
  await page.getByRole('button', { name: 'Set a budget' }).click()
  const sheet = page.getByRole('dialog', { name: 'New budget' })
  await sheet.getByLabel('Name').fill('vision in all')
  await sheet.getByLabel('Amount', { exact: true }).fill('50')
  await sheet.getByLabel('Spent on').selectOption('project')
  await sheet.getByLabel('Name of the project').fill('vision')
  await sheet.getByLabel('Period').selectOption('total')
  await sheet.getByLabel('Tell at, % of the amount').fill('fifty')
  await sheet.getByRole('alert').waitFor()
  await sheet.getByLabel('Tell at, % of the amount').fill('50 100')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await sheet.waitFor({ state: 'detached' })
  const budgets = page.getByRole('region', { name: 'Budgets' })
  await budgets.getByRole('progressbar', { name: 'Spent of vision in all' }).waitFor()
  await budgets.getByRole('alert').getByText('A budget is used up: «vision in all».').waitFor()
  await budgets.getByText(/^«vision in all» reached 100 %/).waitFor()
  await budgets.getByRole('button', { name: 'Change the budget vision in all' }).click()
  const change = page.getByRole('dialog', { name: 'Budget vision in all' })
  await change.getByLabel('Amount', { exact: true }).fill('600')
  await change.getByRole('button', { name: 'Save' }).click()
  await change.waitFor({ state: 'detached' })
  await budgets.getByText('Nothing runs within it now.').waitFor()
  await budgets.getByRole('button', { name: 'Change the budget vision in all' }).click()
  await change.getByRole('button', { name: 'Delete' }).click()
  await budgets.getByText(/^No budget yet\./).waitFor()
})

test.each(mainLooks)(
  'at $width px nothing is cut off, and axe finds nothing serious',
  async (look) => {
    const values = { currency: 'USD', scope: 'all', channels: [] }
    await send('POST', '/api/budgets', { ...values, name: 'the whole laboratory', amount: 100, period: 'total' })
    await send('POST', '/api/budgets', {
      ...values,
      name: 'used',
      amount: 10,
      period: 'total',
      action: 'stop',
      enabled: false,
    })
    await send('POST', '/api/budgets', { ...values, name: 'used and on', amount: 10, period: 'total' })
    const page = await visits.openPage('/costs', look)
    await page.getByRole('img', { name: /^Costs in USD/ }).waitFor()
    await page.getByRole('progressbar').first().waitFor()
    expect(await findFaults(page, 'costs')).toEqual([])
    await page.goto(`${visits.world.url}/costs?budget=new`)
    await page.getByRole('dialog', { name: 'New budget' }).waitFor()
    expect(await findFaults(page, 'budget')).toEqual([])
  },
  60_000,
)
