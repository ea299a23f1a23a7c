/** What jobs cost: nowhere to be seen until somebody says what hours cost, then wherever hours are. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
const hour = 3_600_000
const table = '/?view=table&columns=duration&columns=cost'

beforeAll(async () => {
  visits = await startVisits()
  const gpus = [0, 1].map((index) => ({ index, name: 'NVIDIA A100-SXM4-80GB' }))
  const hardware = { host: 'node-1', gpus, gpuAbsence: null }
  const since = (hours: number) => ({ createdAt: Date.now() - hours * hour, startedAt: Date.now() - hours * hour })
  const done = await Reporter.start(visits.world, 'done', { name: 'four hours on two', hardware, ...since(4) })
  await done.points({ loss: [2, 1] }, 0)
  await done.finish()
  const going = await Reporter.start(visits.world, 'going', { name: 'one hour so far', hardware, ...since(1) })
  await going.points({ loss: [2, 1] }, 0)
  const other = await Reporter.start(visits.world, 'other', { name: 'without a GPU', ...since(3) })
  await other.finish()
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

async function openRates(page: Page) {
  const panel = page.getByRole('region', { name: 'Rates' })
  await panel.getByRole('button', { name: /^(Set rates|Change)$/ }).click()
  return page.getByRole('dialog', { name: 'Rates' })
}

async function putRates(body: object): Promise<void> {
  const token = (await readFile(join(visits.world.server.dataFolder, 'admin.token'), 'utf8')).trim()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const { status } = await fetch(`${visits.world.url}/api/system/rates`, {
    method: 'PUT',
    headers,
    body: JSON.stringify(body),
  })
  expect(status).toBe(200)
}

test('without rates no cost is shown, and admins are told where to set them', async () => {
  const page = await visits.openPage('/?charts=30')
  const figures = page.getByRole('list', { name: 'Figures' })
  await figures.getByText('GPU-hours, 7 days').waitFor()
  expect(await figures.getByText(/Cost/).count()).toBe(0)
  expect(await page.getByRole('img', { name: /^Cost/ }).count()).toBe(0)
  await page.getByText('What these hours cost is not known.').waitFor()
  await page.getByRole('link', { name: 'Set rates' }).click()
  const panel = page.getByRole('region', { name: 'Rates' })
  await panel.getByText(/^Nobody has said what hours cost/).waitFor()
  const viewer = await visits.openPageAs('viewer', '/?charts=30')
  await viewer.getByRole('img', { name: /^GPU-hours/ }).waitFor()
  expect(await viewer.getByText('What these hours cost is not known.').count()).toBe(0)
  await page.goto(`${visits.world.url}/job/done`)
  await page.getByRole('heading', { name: 'Performance' }).waitFor()
  expect(await page.getByRole('main').getByText(/cost/i).count()).toBe(0)
})

test('an admin sets rates, is told what is wrong with them, and jobs have costs', async () => {
  const page = await visits.openPage('/system')
  const sheet = await openRates(page)
  const save = sheet.getByRole('button', { name: 'Save' })
  expect(await save.isDisabled()).toBe(true)
  await sheet.getByText(/^A price is missing/).waitFor()
  const first = sheet.getByRole('group', { name: 'Rate 1' })
  await first.getByLabel('GPU', { exact: true }).fill('a100')
  await first.getByLabel('Price per GPU-hour').fill('-1')
  await sheet.getByText('A price is nothing or more.').waitFor()
  await first.getByLabel('Price per GPU-hour').fill('1.5')
  await first.getByLabel('Price per host-hour').fill('0.25')
  await sheet.getByLabel('Currency of all rates').fill('usb')
  await save.click()
  await sheet
    .getByRole('alert')
    .getByText(/ISO 4217/)
    .waitFor()
  await sheet.getByLabel('Currency of all rates').fill('eur')
  await sheet.getByRole('button', { name: 'Add a rate' }).click()
  const second = sheet.getByRole('group', { name: 'Rate 2' })
  await second.getByLabel('Project').fill('nobody')
  await second.getByLabel('Price per host-hour').fill('9')
  await second.getByRole('button', { name: 'Move Rate 2 up' }).click()
  await save.click()
  await sheet.waitFor({ state: 'detached' })
  const rows = page.getByRole('region', { name: 'Rates' }).getByRole('row')
  expect(await rows.allTextContents()).toEqual([
    'ForPer GPU-hourPer host-hour',
    'Any machine, project nobody–€9.00',
    'a100€1.50€0.25',
  ])
  await page.goto(`${visits.world.url}${table}&sort=cost`)
  await page.getByRole('cell', { name: /^€13\.0\d$/ }).waitFor()
})

test('costs stand in figures, statistics, table, search, on the page of a job and in a comparison', async () => {
  await putRates({ currency: 'USD', rates: [{ gpu: 'A100', gpuHour: 2 }] })
  const page = await visits.openPage(`${table}&sort=cost&charts=30`)
  await page.getByRole('cell', { name: /^\$16\.0\d$/ }).waitFor()
  const names = page.getByRole('table', { name: 'Jobs' }).locator('[data-job]')
  expect(await names.allTextContents()).toEqual(['four hours on two', 'one hour so far', 'without a GPU'])
  await page.getByRole('img', { name: /^Cost by day, \$20\.\d\d in all/ }).waitFor()
  await page.getByText('Costs lack 3.0 hours of jobs that no rate matches.').waitFor()
  const figure = page.getByRole('list', { name: 'Figures' }).getByRole('link', { name: /^Cost, 7 days\s*\$20\.\d\d$/ })
  await figure.click()
  await page.waitForURL(/time=7d&sort=cost/)
  await page.getByRole('combobox', { name: /Search/ }).fill('cost>10')
  await page.getByRole('link', { name: 'one hour so far' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'four hours on two' }).waitFor()

  await page.goto(`${visits.world.url}/job/going`)
  const cost = page.getByText(/^\$4\.\d\d so far$/)
  const before = await cost.textContent()
  await page.waitForFunction((seen) => !document.body.textContent.includes(seen ?? ''), before, { timeout: 20_000 })
  await page.goto(`${visits.world.url}/job/done`)
  await page.getByText(/^Cost: 2 × NVIDIA A100-SXM4-80GB at \$2\.00 a GPU-hour, 4 h\.$/).waitFor()
  await page.goto(`${visits.world.url}/compare?job=done&job=going&tab=time`)
  await page.getByRole('row', { name: /^cost\s*\$16\.0\d\s*\$4\.\d\d/ }).waitFor()
})

test('the documents of a job and of a comparison tell the cost', async () => {
  await putRates({ currency: 'CHF', rates: [{ hostHour: 3 }] })
  const { request } = await visits.openPage('/')
  const read = async (path: string) => (await request.get(visits.world.url + path)).text()
  expect(await read('/api/jobs/done/document')).toMatch(/Cost: 1 host at CHF\s3\.00 an hour, 4 h\./)
  await expect
    .poll(async () => read('/api/compare/document?job=done&job=other'), { timeout: 20_000 })
    .toMatch(/cost<.*CHF\s12\.0\d.*CHF\s9\.0\d/s)
})

test.each(mainLooks)(
  'at $width px nothing is cut off, and axe finds nothing serious',
  async (look) => {
    await putRates({
      currency: 'USD',
      rates: [
        { gpu: 'NVIDIA A100-SXM4-80GB', target: 'a-cluster-with-a-long-name*', project: 'vision', from: 0, gpuHour: 2 },
        { gpuHour: 2.125, hostHour: 12_345.5 },
      ],
    })
    const page = await visits.openPage(`${table}&charts=30`, look)
    await page.getByRole('img', { name: /^Cost by day/ }).waitFor()
    expect(await findFaults(page, 'dashboard')).toEqual([])
    await page.goto(`${visits.world.url}/job/done`)
    await page.getByText(/^Cost: /).waitFor()
    expect(await findFaults(page, 'job')).toEqual([])
    await page.goto(`${visits.world.url}/system`)
    await page.getByRole('region', { name: 'Rates' }).getByText('$12').waitFor()
    expect(await findFaults(page, 'system')).toEqual([])
    const sheet = await openRates(page)
    await sheet.getByRole('group', { name: 'Rate 2' }).waitFor()
    expect(await findFaults(page, 'rates')).toEqual([])
  },
  60_000,
)
