/** Parameters of a running job, as people change them and as the job takes, refuses or misses what they want. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { controls, Steerable } from './steerable.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
beforeAll(async () => void (visits = await startVisits()))
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

const row = (page: Page, key: string) => page.locator(`[data-parameter="${key}"]`)
const now = (page: Page, key: string) => page.locator(`[data-value="${key}"]`)
const bar = (page: Page) => page.getByRole('region', { name: 'Changes that are not sent' })

async function start(uid: string): Promise<Steerable> {
  const job = await Steerable.start(visits.world, uid)
  await job.train(40)
  return job
}

async function open(uid: string): Promise<Page> {
  const page = await visits.openPage(`/job/${uid}?tab=parameters`)
  await row(page, 'lr').waitFor()
  return page
}

async function send(page: Page, note = ''): Promise<void> {
  await bar(page).getByRole('button', { name: 'Review and send' }).click()
  const dialog = page.getByRole('dialog')
  if (note !== '') await dialog.getByLabel('Note (optional)').fill(note)
  await dialog.getByRole('button', { name: /^Send/ }).click()
  await dialog.waitFor({ state: 'detached' })
}

test('several changes are drafted, looked at once more, sent, and applied one by one at the steps that the job names', async () => {
  const job = await start('set-1')
  const page = await open('set-1')
  await page.getByLabel('lr', { exact: true }).fill('3e-5')
  await row(page, 'schedule').getByRole('radio', { name: 'linear' }).click()
  await bar(page).getByText('2 changes').waitFor()
  await page.getByRole('link', { name: 'Metrics', exact: true }).click()
  await bar(page).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: /^Parameters/ }).click()
  await bar(page).getByText('2 changes').waitFor()
  await bar(page).getByRole('button', { name: 'Review and send' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change 2 parameters of set-1?' })
  await dialog.waitFor()
  expect(await dialog.getByRole('listitem').allInnerTexts()).toEqual([
    expect.stringMatching(/lr\s+3e-4\s+3e-5\s+÷ 10/),
    expect.stringMatching(/schedule\s+cosine\s+linear/),
  ])
  await dialog.getByLabel('Note (optional)').fill('the loss jumps')
  await dialog.getByRole('button', { name: 'Send 2 changes' }).click()
  await row(page, 'lr').getByText('→ 3e-5').waitFor()
  await row(page, 'lr').getByText('waits for the job to take it').waitFor()
  expect(await now(page, 'lr').innerText()).toBe('3e-4')

  const first = await job.take()
  await row(page, 'lr').getByText('the job has it').waitFor()
  expect(await now(page, 'lr').innerText()).toBe('3e-4')
  await job.carryOut(first)
  await row(page, 'lr').getByText('applied at step 40').waitFor()
  await expect.poll(async () => now(page, 'lr').innerText()).toBe('3e-5')
  expect(await now(page, 'schedule').innerText()).toBe('cosine')
  await job.carryOut(await job.take())
  await row(page, 'schedule').getByText('applied at step 40').waitFor()
  const history = page.getByRole('region', { name: /^History/ }).locator('[data-change]')
  await history.first().getByText('schedule', { exact: true }).waitFor()
  expect(await history.nth(1).innerText()).toMatch(/lr\s+3e-4\s+3e-5\s+÷ 10\s+40\s.*root\s+the loss jumps/)
})

test('what the job would not take is said in the field at once, and cannot be sent', async () => {
  await start('set-2')
  const page = await open('set-2')
  await page.getByLabel('lr', { exact: true }).fill('2')
  await row(page, 'lr').getByText('A number from 0.000001 to 0.1 is expected.').waitFor()
  expect(await bar(page).getByRole('button', { name: 'Review and send' }).isDisabled()).toBe(true)
  await page.getByLabel('batch', { exact: true }).fill('1.5')
  await row(page, 'batch').getByText('A whole number is expected.').waitFor()
  await bar(page).getByRole('button', { name: 'Discard' }).click()
  await bar(page).waitFor({ state: 'detached' })
  expect(await page.getByLabel('lr', { exact: true }).inputValue()).toBe('3e-4')
})

test('a slider, factors and a switch are worked by keys, and a value that is as before is no change', async () => {
  await start('set-3')
  const page = await open('set-3')
  await page.getByLabel('dropout, slider').focus()
  await page.keyboard.press('ArrowRight')
  expect(await page.getByLabel('dropout', { exact: true }).inputValue()).toBe('0.15')
  await page.getByLabel('lr, slider').focus()
  await page.keyboard.press('End')
  expect(await page.getByLabel('lr', { exact: true }).inputValue()).toBe('0.1')
  await row(page, 'lr').getByRole('button', { name: '÷ 10' }).press('Enter')
  expect(await page.getByLabel('lr', { exact: true }).inputValue()).toBe('0.01')
  await row(page, 'augment').getByRole('radio', { name: 'on', exact: true }).focus()
  await page.keyboard.press('ArrowRight')
  expect(await row(page, 'augment').getByRole('radio', { name: 'off' }).isChecked()).toBe(true)
  await bar(page).getByText('3 changes').waitFor()
  await page.getByLabel('lr', { exact: true }).fill('0.0003')
  await bar(page).getByText('2 changes').waitFor()
  await page.getByLabel('batch', { exact: true }).fill('64')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Change 3 parameters of set-3?' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByLabel('batch', { exact: true }).press('Escape')
  await bar(page).getByText('2 changes').waitFor()
})

test('a job that will not do it says why, and the value stays', async () => {
  const job = await start('set-4')
  const page = await open('set-4')
  await page.getByLabel('dropout', { exact: true }).fill('0.3')
  await send(page)
  await job.refuse(await job.take(), 'This model has no dropout.')
  await row(page, 'dropout').getByText('rejected at step 40').waitFor()
  await row(page, 'dropout').getByText('This model has no dropout.').waitFor()
  expect(await now(page, 'dropout').innerText()).toBe('0.1')
  await page.getByLabel('dropout', { exact: true }).fill('0.4')
  await send(page)
  await job.refuse(await job.take(), 'RuntimeError: out of memory', 'failed')
  await row(page, 'dropout').getByText('failed at step 40').waitFor()
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByText('RuntimeError: out of memory').waitFor()
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await page.getByText('RuntimeError: out of memory').waitFor({ state: 'detached' })
})

test('two people at once: the second sees what the first did, and decides anew', async () => {
  const job = await start('set-5')
  const mine = await open('set-5')
  const theirs = await open('set-5')
  await mine.getByLabel('lr', { exact: true }).fill('0.001')
  await theirs.getByLabel('lr', { exact: true }).fill('0.002')
  await send(theirs, 'mine is first')
  await row(mine, 'lr').getByText('root is changing it to 0.002').waitFor()
  await bar(mine).getByRole('button', { name: 'Review and send' }).click()
  const dialog = mine.getByRole('dialog')
  expect(await dialog.getByRole('button', { name: 'Send the change' }).isDisabled()).toBe(true)
  await dialog.getByRole('button', { name: 'Still change it' }).click()
  await dialog.getByRole('button', { name: 'Send the change' }).click()
  await row(mine, 'lr').getByText('→ 0.001').waitFor()
  const first = await job.take()
  await job.steer({
    outcomes: [{ id: first.id, state: 'superseded', at: Date.now(), step: 40, reason: 'A later one sets it.' }],
  })
  await job.carryOut(await job.take())
  await row(mine, 'lr').getByText('applied at step 40').waitFor()
  await expect.poll(async () => now(theirs, 'lr').innerText()).toBe('0.001')
})

test('a change that comes between the look and the sending is refused by the server, shown, and can be sent again', async () => {
  const job = await start('set-6')
  const page = await open('set-6')
  await page.getByLabel('lr', { exact: true }).fill('0.001')
  // Somebody else's change arrives first, by a hair.
  let isFirst = true
  await page.route('**/parameters/lr', async (route) => {
    if (!isFirst) return route.continue()
    isFirst = false
    await page.request.put(route.request().url(), { data: { value: 0.05 }, headers: { origin: visits.world.url } })
    return route.continue()
  })
  await send(page)
  await row(page, 'lr').getByText('Not sent: «lr» has changed since you looked').waitFor()
  await row(page, 'lr').getByRole('button', { name: 'Still change it' }).click()
  await send(page)
  await job.take()
  await row(page, 'lr').getByText('→ 0.001').waitFor()
})

test('what nobody carries out any more expires, and says so', async () => {
  const job = await start('set-7')
  const page = await open('set-7')
  await page.getByLabel('lr', { exact: true }).fill('0.001')
  await send(page)
  await row(page, 'lr').getByText('→ 0.001').waitFor()
  await job.reporter.finish()
  await row(page, 'lr').getByText('expired').waitFor()
  await row(page, 'lr').getByText('It never reached the job.').waitFor()
  await page.getByText('Nothing can be changed. The job has ended (completed)').waitFor()
  expect(await page.getByLabel('lr', { exact: true }).count()).toBe(0)
  expect(await now(page, 'lr').innerText()).toBe('3e-4')
})

test('a job without parameters says how a script gets them', async () => {
  const job = await Reporter.start(visits.world, 'set-8')
  await job.points({ loss: [1] }, 0)
  const page = await visits.openPage('/job/set-8?tab=parameters')
  await page.getByRole('heading', { name: 'This job has no parameters' }).waitFor()
  expect(await page.getByLabel('Python that makes a parameter', { exact: true }).innerText()).toContain(
    'job.parameter("lr", 3e-4',
  )
})

test('parameters that a script only shows are not offered to be changed', async () => {
  await Steerable.start(visits.world, 'set-9', {}, { ...controls, kinds: ['pause'] })
  const page = await visits.openPage('/job/set-9?tab=parameters')
  await page.getByText('This script cannot have its parameters changed: it has not declared that it can.').waitFor()
  expect(await row(page, 'lr').getByRole('slider').count()).toBe(0)
})

test('the history is long, filtered by a parameter, and fetched as far as somebody looks', async () => {
  const job = await start('set-10')
  const changes = Array.from({ length: 130 }, (_, at) => ({
    key: at % 2 === 0 ? 'lr' : 'dropout',
    value: (at + 1) / 2_000,
    at: Date.now(),
    step: at,
    cause: 'script' as const,
    command: null,
  }))
  await job.steer({ changes })
  const page = await open('set-10')
  const rows = page.locator('tr[data-change]')
  await expect.poll(async () => rows.count()).toBe(100)
  await page.getByRole('button', { name: 'Older changes' }).click()
  await expect.poll(async () => rows.count()).toBe(135)
  await page.getByLabel('Parameter', { exact: true }).selectOption('dropout')
  await expect.poll(async () => rows.count()).toBe(66)
  expect(new URL(page.url()).searchParams.get('parameter')).toBe('dropout')
})

test.each(mainLooks)('parameters have no faults at $width px', async (look) => {
  const uid = `set-look-${look.width}`
  const job = await start(uid)
  const page = await visits.openPage(`/job/${uid}?tab=parameters`, look)
  await page.getByLabel('lr', { exact: true }).fill('0.001')
  await send(page, 'a note')
  await job.carryOut(await job.take())
  await row(page, 'lr').getByText('applied at step 40').waitFor()
  await page.getByLabel('lr', { exact: true }).fill('2')
  await page.getByLabel('dropout', { exact: true }).fill('0.5')
  expect(await findFaults(page, 'parameters')).toEqual([])
  await bar(page).getByRole('button', { name: 'Review and send' }).click()
  await page.getByRole('dialog').waitFor()
  expect(await findFaults(page, 'sending parameters')).toEqual([])
})
