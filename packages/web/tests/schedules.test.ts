/** Schedules of parameters: as people give and cancel them, and as a job carries them out by the SDK's rules. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { controls, Steerable } from './steerable.ts'
import { mainLooks, startVisits, type Look, type Visits } from './visits.ts'

let visits: Visits
beforeAll(async () => void (visits = await startVisits()))
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

const row = (page: Page, key: string) => page.locator(`[data-parameter="${key}"]`)
const value = (page: Page, key: string) => page.locator(`[data-value="${key}"]`)
const items = (page: Page) => page.getByRole('region', { name: /^Schedules/ }).locator('[data-schedule]')
const sheet = (page: Page) => page.getByRole('dialog', { name: 'Add a schedule' })

async function start(uid: string): Promise<Steerable> {
  const job = await Steerable.start(visits.world, uid)
  await job.train(40)
  return job
}

async function open(uid: string, look: Look = {}): Promise<Page> {
  const page = await visits.openPage(`/job/${uid}?tab=parameters`, look)
  await row(page, 'lr').waitFor()
  return page
}

/** Begins a schedule of dropout, from 0.1 to 0.5 in a line. */
async function fillIn(page: Page, steps: string): Promise<void> {
  await row(page, 'dropout').getByRole('button', { name: 'Add a schedule of dropout' }).click()
  await sheet(page).getByLabel('To', { exact: true }).fill('0.5')
  await sheet(page).getByRole('textbox', { name: 'Over' }).fill(steps)
}

async function add(page: Page): Promise<void> {
  await sheet(page).getByRole('button', { name: 'Add the schedule' }).click()
  await sheet(page).waitFor({ state: 'detached' })
}

test('a schedule is seen before it is given, moves its parameter step by step, and is done', async () => {
  const job = await start('plan-1')
  const page = await open('plan-1')
  await fillIn(page, '100')
  const picture = sheet(page).getByRole('img', {
    name: /^Preview: dropout to 0\.5 in a line over 100 steps, at once\./,
  })
  await picture.waitFor()
  expect(await picture.getAttribute('aria-label')).toMatch(/From step (39|40) to step (139|140)\.$/)
  const heights = await picture
    .locator('path[data-line="dropout"]')
    .evaluate((path) => [...(path.getAttribute('d') ?? '').matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y)))
  expect(heights[0]).toBeGreaterThan(90)
  expect(heights.at(-1)).toBeLessThan(10)
  await sheet(page).getByLabel('Note (optional)').fill('more of it later')
  await add(page)
  await items(page).first().getByText('dropout to 0.5 in a line over 100 steps, at once').waitFor()
  await items(page).first().getByText('waits for the job to take it').waitFor()
  await items(page).first().getByText('«more of it later»').waitFor()

  await job.carryOut(await job.take())
  await items(page).first().getByText('under way').waitFor()
  await row(page, 'dropout').getByText('Moved by a schedule').waitFor()
  await job.train(50)
  await expect.poll(async () => value(page, 'dropout').innerText()).toMatch(/^0\.30*/)
  await items(page)
    .first()
    .getByText(/under way, (49|50) %, since step 40/)
    .waitFor()
  await job.train(50)
  await items(page).first().getByText('done', { exact: true }).waitFor()
  await expect.poll(async () => value(page, 'dropout').innerText()).toBe('0.5')
  const history = page.getByRole('region', { name: /^History/ }).locator('tr[data-change]')
  await history.first().getByText('a schedule of root').waitFor()
})

test('what is missing or makes no sense is said in its field, and nothing is sent', async () => {
  await start('plan-2')
  const page = await open('plan-2')
  await page.getByRole('button', { name: 'Add schedule…' }).click()
  await sheet(page).getByRole('button', { name: 'Add the schedule' }).click()
  await sheet(page).getByText('A number is expected.').waitFor()
  expect(await sheet(page).getByRole('button', { name: 'Add the schedule' }).isDisabled()).toBe(true)
  await sheet(page).getByLabel('To', { exact: true }).fill('7')
  await sheet(page).getByText('A number from 0.000001 to 0.1 is expected.').waitFor()
  await sheet(page).getByLabel('To', { exact: true }).fill('1e-5')
  await sheet(page).getByLabel('Begins').selectOption('step')
  await sheet(page).getByLabel('Step', { exact: true }).fill('3')
  await sheet(page)
    .getByText(/A step that has not passed: \d+ or later is expected\./)
    .waitFor()
  await sheet(page).getByLabel('Begins').selectOption('epoch')
  await sheet(page).getByRole('textbox', { name: 'Epoch' }).fill('3')
  await sheet(page).getByText('Another start: the job reports no epochs is expected.').waitFor()
})

test('it begins when a metric comes to something, and the preview says what it takes for granted', async () => {
  const job = await start('plan-3')
  const page = await open('plan-3')
  await fillIn(page, '10')
  await sheet(page).getByLabel('Begins').selectOption('metric')
  expect(
    await sheet(page)
      .getByRole('combobox', { name: /^Metric/ })
      .inputValue(),
  ).toBe('loss')
  await sheet(page).getByLabel('Value', { exact: true }).fill('0.5')
  await sheet(page).getByText('Nobody knows when the metric comes to it').waitFor()
  await sheet(page).getByText('dropout to 0.5 in a line over 10 steps, once loss is below 0.5').waitFor()
  await sheet(page)
    .getByRole('combobox', { name: /^Condition/ })
    .selectOption('noImprovement')
  await sheet(page).getByLabel('For so many values').fill('5')
  await sheet(page).getByText('once loss does not improve for 5 values in a row').waitFor()
  await sheet(page)
    .getByRole('combobox', { name: /^Condition/ })
    .selectOption('below')
  await sheet(page).getByRole('textbox', { name: 'Values in a row' }).fill('1')
  await add(page)
  await job.carryOut(await job.take())
  await items(page).first().getByText('waits', { exact: true }).waitFor()
  await job.train(200)
  await items(page)
    .first()
    .getByText(/under way/)
    .waitFor()
  expect(await value(page, 'dropout').innerText()).toBe('0.1')
  await job.train(20)
  await items(page).first().getByText('done', { exact: true }).waitFor()
})

test('a second one of the same time is a conflict before it is sent; one may begin where the other ends', async () => {
  const job = await start('plan-4')
  const page = await open('plan-4')
  await fillIn(page, '100')
  await add(page)
  await job.carryOut(await job.take())
  await items(page).first().getByText('under way').waitFor()
  await fillIn(page, '50')
  await sheet(page).getByText('A schedule moves dropout already').waitFor()
  await sheet(page).getByLabel('Begins').selectOption('step')
  await sheet(page).getByLabel('Step', { exact: true }).fill('140')
  await sheet(page).getByText('A schedule moves dropout already').waitFor({ state: 'detached' })
  await add(page)
  await expect.poll(async () => items(page).count()).toBe(2)
})

test('a change by hand says which schedule it ends, and ends it', async () => {
  const job = await start('plan-5')
  const page = await open('plan-5')
  await fillIn(page, '1000')
  await add(page)
  await job.carryOut(await job.take())
  await job.train(10)
  await row(page, 'dropout').getByText('Moved by a schedule').waitFor()
  await page.getByLabel('dropout', { exact: true }).fill('0.8')
  await page.getByRole('button', { name: 'Review and send' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change a parameter of plan-5?' })
  await dialog
    .getByText('This ends the schedule that moves dropout: dropout to 0.5 in a line over 1000 steps, at once.')
    .waitFor()
  // The schedule goes on meanwhile: that it gives another value is no reason to refuse.
  await job.train(10)
  await dialog.getByRole('button', { name: 'Send the change' }).click()
  await dialog.waitFor({ state: 'detached' })
  await job.carryOut(await job.take())
  await items(page).first().getByText('The parameter was changed by hand while it moved.').waitFor()
  await expect.poll(async () => value(page, 'dropout').innerText()).toBe('0.8')
  expect(await items(page).first().getByRole('button').count()).toBe(0)
})

test('cancelling asks first, and then says what comes of it', async () => {
  const job = await start('plan-6')
  const page = await open('plan-6')
  await fillIn(page, '1000')
  await add(page)
  await job.carryOut(await job.take())
  await items(page).first().getByText('under way').waitFor()
  const cancel = items(page)
    .first()
    .getByRole('button', { name: /^Cancel the schedule/ })
  await cancel.click()
  const dialog = page.getByRole('dialog', { name: 'Cancel the schedule of dropout?' })
  await dialog.getByRole('button', { name: 'Keep it' }).click()
  await dialog.waitFor({ state: 'detached' })
  await cancel.click()
  await dialog.getByText('This cannot be undone').waitFor()
  await dialog.getByRole('button', { name: 'Cancel the schedule' }).click()
  await items(page).first().getByText('To be cancelled').waitFor()
  await job.carryOut(await job.take())
  await items(page).first().getByText('Somebody cancelled it.').waitFor()
})

test('all of it is done by keys', async () => {
  await start('plan-7')
  const page = await open('plan-7')
  await row(page, 'lr').getByRole('button', { name: 'Add a schedule of lr' }).press('Enter')
  await sheet(page).waitFor()
  await sheet(page).getByLabel('Shape').focus()
  await page.keyboard.type('cos')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.type('1e-6')
  await page.keyboard.press('Tab')
  await page.keyboard.type('500')
  await sheet(page).getByText('lr to 1e-6 by a cosine over 500 steps, at once').waitFor()
  await page.keyboard.press('Enter')
  await sheet(page).waitFor({ state: 'detached' })
  await items(page).first().getByText('lr to 1e-6 by a cosine over 500 steps, at once').waitFor()
})

test('a viewer sees schedules and cannot touch them; a job that takes none says so', async () => {
  const job = await start('plan-8')
  const page = await open('plan-8')
  await fillIn(page, '1000')
  await add(page)
  await job.carryOut(await job.take())
  const theirs = await visits.openPageAs('viewer', '/job/plan-8?tab=parameters')
  await items(theirs).first().getByText('under way').waitFor()
  expect(await theirs.getByRole('button', { name: /^(Add|Cancel).*schedule/i }).count()).toBe(0)
  await job.reporter.finish()
  await page
    .getByRole('region', { name: /^Schedules/ })
    .getByText('The job has ended (completed)')
    .waitFor()
  expect(await page.getByRole('button', { name: /^(Add|Cancel).*schedule/i }).count()).toBe(0)

  await Steerable.start(visits.world, 'plan-9', {}, { ...controls, kinds: ['set'] })
  const other = await open('plan-9')
  await other.getByText('This script cannot have its parameters scheduled').waitFor()
  expect(await other.getByRole('button', { name: /^(Add|Cancel).*schedule/i }).count()).toBe(0)
})

test.each(mainLooks)('schedules have no faults at $width px', async (look) => {
  const uid = `plan-look-${look.width}`
  const job = await start(uid)
  const page = await open(uid, look)
  await fillIn(page, '100')
  await sheet(page)
    .getByRole('img', { name: /^Preview/ })
    .waitFor()
  await sheet(page).getByLabel('Begins').selectOption('metric')
  await sheet(page).getByLabel('Value', { exact: true }).fill('x')
  expect(await findFaults(page, 'a new schedule')).toEqual([])
  await sheet(page).getByLabel('Begins').selectOption('now')
  await add(page)
  await job.carryOut(await job.take())
  await job.train(30)
  await items(page).first().getByRole('progressbar').waitFor()
  expect(await findFaults(page, 'schedules')).toEqual([])
  await items(page)
    .first()
    .getByRole('button', { name: /^Cancel the schedule/ })
    .click()
  await page.getByRole('dialog').waitFor()
  expect(await findFaults(page, 'cancelling a schedule')).toEqual([])
})
