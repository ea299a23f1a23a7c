/** Alerts as people meet them: rules, what they raise, channels that tell it, and the browser's own notifications. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { launchBrowser, Reporter } from './world.ts'

let visits: Visits
let job: Reporter
let step = 0

beforeAll(async () => {
  visits = await startVisits()
  job = await Reporter.start(visits.world, 'watched', { name: 'watched' })
  await reportLoss(1)
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

async function reportLoss(...values: number[]): Promise<void> {
  await report('loss', ...values)
}

/** Points of now: a rule looks at nothing that is older than itself. */
async function report(key: string, ...values: number[]): Promise<void> {
  await job.points({ [key]: values }, step, { times: values.map(() => Date.now()) })
  step += values.length
}

const alerts = (page: Page) => page.getByRole('list', { name: 'Alerts' }).getByRole('listitem')
const rules = (page: Page) => page.getByRole('list', { name: 'Rules', exact: true }).getByRole('listitem')
const door = (page: Page) => page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: /^Alerts/ })

test('an empty page says where alerts come from, and one click writes the rules that most people want', async () => {
  const page = await visits.openPage('/alerts')
  await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor()
  await page.getByRole('link', { name: 'See the rules' }).click()
  await page.getByRole('button', { name: 'Add the first four' }).click()
  await rules(page).filter({ hasText: 'A loss is NaN' }).waitFor()
  expect(await rules(page).count()).toBe(4)
  await rules(page).filter({ hasText: 'A GPU is idle' }).getByRole('button', { name: 'Delete' }).click()
  await rules(page).filter({ hasText: 'A GPU is idle' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await rules(page).filter({ hasText: 'A GPU is idle' }).waitFor()
})

test('an alert comes by itself, is counted at the door, taken on, brought back and resolved', async () => {
  const page = await visits.openPage('/alerts')
  await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor()
  await reportLoss(Number.NaN)
  const item = alerts(page).filter({ hasText: 'A loss is NaN' })
  await item.waitFor()
  await door(page).getByText('1 raised').waitFor()
  await item.getByRole('button', { name: 'Acknowledge' }).click()
  await item.getByText(/acknowledged by/).waitFor()
  await door(page).getByText('raised').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await item.getByText('raised', { exact: true }).waitFor()
  await reportLoss(...Array.from({ length: 20 }, () => 1))
  await item.waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Resolved' }).click()
  await item.getByText('resolved', { exact: true }).waitFor()
  await item.getByRole('link', { name: 'watched' }).click()
  await page.getByRole('heading', { name: 'watched' }).waitFor()
})

test('a rule looks for what is unusual, of the kinds that are chosen', async () => {
  const page = await visits.openPage('/alerts?tab=rules&rule=new')
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Tell when').selectOption('anomaly')
  await sheet.getByText(/^Told when there is a spike, a plateau or a divergence of \*loss\*, a stall, /).waitFor()
  for (const kind of ['a spike', 'a plateau', 'a divergence']) await sheet.getByLabel(kind).uncheck()
  await sheet.getByLabel('Metric', { exact: true }).waitFor({ state: 'detached' })
  for (const kind of ['no more steps', 'a GPU slowed down by heat']) await sheet.getByLabel(kind).uncheck()
  await sheet.getByText('Told when there is an idle GPU.').waitFor()
  await sheet.getByRole('button', { name: 'Add rule' }).click()
  await rules(page).filter({ hasText: 'There is an idle GPU' }).waitFor()
})

test('a job whose loss goes up is called diverging on its card, in the table and on its page', async () => {
  const rising = await Reporter.start(visits.world, 'rising', { name: 'rising' })
  await rising.points({ loss: [8, 6, 5, 4, 3.5, 3.2, 3, 2.9, 2.8, 3.6, 4.4] }, 0)
  const page = await visits.openPage('/')
  const card = page.getByRole('article').filter({ hasText: 'rising' })
  await card.getByText('diverging').waitFor()
  expect(await card.getByTitle(/^The smoothed loss is 1\.\d+ times its best\.$/).count()).toBe(1)
  await page.goto(`${visits.world.url}/?view=table`)
  await page.getByRole('row').filter({ hasText: 'rising' }).getByText('diverging').waitFor()
  await page.goto(`${visits.world.url}/job/rising`)
  await page
    .getByTitle(/^The smoothed loss is/)
    .filter({ hasText: 'diverging' })
    .waitFor()
})

test('a rule is written by hand for one job, with a channel that is tried out', async () => {
  const received: string[] = []
  const hook = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (part: string) => received.push(part))
    request.on('end', () => response.end('ok'))
  })
  hook.listen(0, '127.0.0.1')
  await once(hook, 'listening')
  const address = hook.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const page = await visits.openPage('/alerts?tab=channels')
  await page.getByRole('button', { name: 'Add a channel' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Kind').selectOption('webhook')
  await sheet.getByLabel('Name').fill('the hook')
  await sheet.getByLabel('Address').fill(`http://127.0.0.1:${port}/secret`)
  await sheet.getByRole('button', { name: 'Add channel' }).click()
  await sheet.getByText(/^whsec_/).waitFor()
  await sheet.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Test' }).click()
  await page.getByText('The test has reached «the hook».').waitFor()
  await page.getByRole('list', { name: 'Deliveries' }).getByText('delivered').waitFor()
  expect(JSON.parse(received.join(''))).toMatchObject({ type: 'test' })

  await page.goto(`${visits.world.url}/alerts?tab=rules&rule=new&job=watched`)
  await sheet.getByLabel('Tell when').selectOption('threshold')
  await sheet.getByLabel('Metric', { exact: true }).fill('loss')
  await sheet.getByLabel('Value', { exact: true }).fill('5')
  await sheet.getByText('Told when loss is above 5.').waitFor()
  await sheet.getByLabel('the hook').check()
  await sheet.getByRole('button', { name: 'Add rule' }).click()
  await rules(page)
    .filter({ hasText: 'Loss is above 5' })
    .getByText(/job watched/)
    .waitFor()
  received.length = 0
  await reportLoss(7)
  await expect.poll(() => received.join(''), { timeout: 10_000 }).toContain('alert.raised')
  hook.closeAllConnections()
  hook.close()
})

test('the browser itself tells of an alert, and leads to the job', async () => {
  const browser = await launchBrowser({ hasWindows: true })
  const page = await browser.newPage()
  await page.goto(visits.world.server.link())
  await page.getByRole('link', { name: /^Alerts/ }).click()
  await door(page)
    .getByText(/raised/)
    .waitFor()
  await page.context().grantPermissions(['notifications'])
  await page.getByLabel('Notify me in this browser').check()
  await page.evaluate(() => {
    const told: string[] = []
    const Real = window.Notification
    const Spy = class extends Real {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        told.push(`${title} | ${options?.tag ?? ''}`)
      }
    }
    Object.assign(window, { Notification: Spy, told })
  })
  // Another series: that of before has its pause.
  await report('val_loss', Number.NaN)
  const read = async () => page.evaluate(() => (window as unknown as { told: string[] }).told)
  await expect
    .poll(read, { timeout: 10_000 })
    .toEqual([expect.stringMatching(/^A loss is NaN \| pilothouse-alert-\d+$/)])
  await browser.close()
})

test('keys lead there', async () => {
  const page = await visits.openPage('/')
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('a')
  await page.getByRole('heading', { name: 'Alerts', exact: true }).waitFor()
})

test.each(mainLooks)('alerts, rules and channels have no faults at $width px', async (look) => {
  const page = await visits.openPage('/alerts?status=all', look)
  await alerts(page).first().waitFor()
  expect(await findFaults(page, 'alerts')).toEqual([])
  await page.goto(`${visits.world.url}/alerts?tab=rules`)
  await rules(page).first().waitFor()
  expect(await findFaults(page, 'alerts')).toEqual([])
  await page.goto(`${visits.world.url}/alerts?tab=rules&rule=new`)
  await page.getByRole('dialog').getByLabel('Tell when').selectOption('change')
  expect(await findFaults(page, 'alerts')).toEqual([])
  await page.goto(`${visits.world.url}/alerts?tab=channels`)
  await page.getByRole('list', { name: 'Deliveries' }).waitFor()
  expect(await findFaults(page, 'alerts')).toEqual([])
})
