/** What the header of a job tells it, who may, what waits and what went wrong, and what of it the charts show. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { controls, Steerable } from './steerable.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

let visits: Visits
beforeAll(async () => void (visits = await startVisits()))
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

async function start(uid: string, can = controls): Promise<Steerable> {
  const job = await Steerable.start(visits.world, uid, {}, can)
  await job.train(60)
  return job
}

const told = (page: Page) => page.getByRole('status', { name: 'What the job was told' })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

test('a job is paused and goes on, and what waits is told in a line', async () => {
  const job = await start('pause-1')
  const page = await visits.openPage('/job/pause-1')
  await button(page, 'Pause job').click()
  await told(page)
    .getByText(/^Pause asked for by root .*, waits for the job to take it$/)
    .waitFor()
  await button(page, 'Pause job').waitFor({ state: 'detached' })
  await job.carryOut(await job.take())
  await told(page).waitFor({ state: 'detached' })
  await page.getByRole('status').getByText('paused').waitFor()
  await button(page, 'Resume job').click()
  await job.carryOut(await job.take())
  await button(page, 'Pause job').waitFor()
})

test('a job is stopped after a question, with a checkpoint before', async () => {
  const job = await start('stop-1')
  const page = await visits.openPage('/job/stop-1')
  await button(page, 'Stop job').click()
  const dialog = page.getByRole('dialog', { name: 'Stop stop-1?' })
  expect(await dialog.getByLabel('Write a checkpoint first').isChecked()).toBe(true)
  expect(await findFaults(page, 'stopping')).toEqual([])
  await dialog.getByLabel('Note').fill('good enough')
  await dialog.getByRole('button', { name: 'Stop job' }).click()
  await told(page)
    .getByText(/^Stop, with a checkpoint before asked for by root/)
    .waitFor()
  const order = await job.take()
  expect(order).toMatchObject({ kind: 'stop', body: { checkpointFirst: true } })
  await job.carryOut(order)
  await page.getByRole('status').getByText('completed').waitFor()
  expect(await button(page, 'Stop job').count()).toBe(0)
  await page.getByRole('button', { name: 'More about this job' }).click()
  await page.getByRole('menuitem', { name: 'What it was told' }).click()
  const list = page.getByRole('list', { name: 'Commands' })
  await list.getByText('applied at step 60').waitFor()
  await list.getByText('«good enough»').waitFor()
  await page.reload()
  await list.getByText('«good enough»').waitFor()
})

test('a job evaluates when it is told so in the palette, and a refusal is told until somebody has seen it', async () => {
  const job = await start('evaluate-1')
  const page = await visits.openPage('/job/evaluate-1')
  await button(page, 'Pause job').waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('evaluate now')
  await page.keyboard.press('Enter')
  await told(page)
    .getByText(/^Evaluate asked for by root/)
    .waitFor()
  await job.refuse(await job.take(), 'There is no validation set.')
  await told(page).getByText('rejected at step 60: There is no validation set.').waitFor()
  await told(page).getByRole('button', { name: 'Dismiss' }).click()
  await told(page).waitFor({ state: 'detached' })
})

test('only what the script declares is offered', async () => {
  await start('few-1', { ...controls, kinds: ['stop'], rollback: null })
  const page = await visits.openPage('/job/few-1')
  await button(page, 'Stop job').click()
  await page.getByText('The script has not declared how to write a checkpoint').waitFor()
  await page.keyboard.press('Escape')
  expect(await button(page, 'Pause job').count()).toBe(0)
  expect(await button(page, 'Checkpoint now').count()).toBe(0)
})

test('a viewer sees all of it and is offered nothing', async () => {
  const job = await start('seen-1')
  await job.write('one')
  const page = await visits.openPageAs('viewer', '/job/seen-1?tab=parameters')
  await page.getByText('To change them takes the right to manage this job').waitFor()
  expect(await page.locator('[data-value="lr"]').innerText()).toBe('3e-4')
  await page.locator('tr[data-change]').first().waitFor()
  expect(await page.getByRole('slider').count()).toBe(0)
  for (const name of ['Pause job', 'Stop job', 'Checkpoint now']) expect(await button(page, name).count()).toBe(0)
  await page.getByRole('link', { name: 'Checkpoints' }).click()
  await button(page, 'one').click()
  const sheet = page.getByRole('dialog', { name: 'one' })
  await sheet.getByText('it takes the right to lead this job, which admins have').waitFor()
  for (const name of ['Pin', 'Delete', 'Roll back …', 'Describe'])
    expect(await sheet.getByRole('button', { name }).count()).toBe(0)
})

test('a member changes and pauses what is theirs, but neither stops it nor takes it back', async () => {
  const job = await start('mine-1')
  await job.write('one')
  const page = await visits.openPageAs('member', '/job/mine-1?tab=parameters')
  await button(page, 'Pause job').waitFor()
  await page.getByLabel('lr, slider').waitFor()
  expect(await button(page, 'Stop job').count()).toBe(0)
  await page.getByRole('link', { name: 'Checkpoints' }).click()
  await button(page, 'one').click()
  const sheet = page.getByRole('dialog', { name: 'one' })
  await sheet.getByText('it takes the right to lead this job, which admins have').waitFor()
  await sheet.getByRole('button', { name: 'Pin', exact: true }).waitFor()
  expect(await sheet.getByRole('button', { name: 'Delete' }).count()).toBe(0)
})

test('changes are marked on every chart, with what they were, and lead to their history', async () => {
  const job = await start('marks-1')
  const page = await visits.openPage('/job/marks-1?tab=metrics&smooth=0')
  await page.locator('[data-chart="loss"][data-state="ready"]').waitFor()
  await page.evaluate(async () => {
    const [headers, body] = [{ 'content-type': 'application/json' }, JSON.stringify({ value: 0.01 })]
    await fetch('/api/jobs/marks-1/parameters/lr', { method: 'PUT', headers, body })
  })
  await job.carryOut(await job.take())
  await job.train(60)
  const mark = (chart: string) =>
    page.locator(`[data-chart="${chart}"]`).getByRole('button', { name: 'lr 3e-4 → 0.01 at step 60, root' })
  await mark('loss').waitFor()
  await mark('accuracy').waitFor()
  const place = (await mark('loss').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  await page.mouse.move(place.x + place.width / 2, place.y + 80)
  await page.locator('[data-chart="loss"] .chart-tooltip-said', { hasText: 'lr 3e-4 → 0.01' }).waitFor()
  await mark('accuracy').click()
  await page.locator('tr[data-change]').first().getByText('0.01').waitFor()
})

test('over epochs a change and a way back have their marks as well', async () => {
  const job = await start('marks-2')
  await job.write('half', { epoch: 1 })
  await job.reporter.points({ loss: [0.5, 0.4, 0.3] }, 60, { epochs: [1, 1.5, 2] })
  const [at, cause] = [Date.now(), 'script' as const]
  await job.steer({ changes: [{ key: 'lr', value: 0.01, at, step: 61, epoch: 1.5, cause, command: null }] })
  const page = await visits.openPage('/job/marks-2?tab=metrics&smooth=0&x=epoch')
  const mark = (name: string) => page.locator('[data-chart="loss"]').getByRole('button', { name })
  await mark('lr 3e-4 → 0.01 at step 61, the script').waitFor()
  await job.steer({ fork: { at, step: 60, from: 62, checkpoint: 'half' } })
  await job.reporter.points({ loss: [0.45, 0.35] }, 61, { epochs: [1.5, 2] })
  await mark('Back to step 60').waitFor()
  await mark('lr 3e-4 → 0.01').waitFor({ state: 'detached' })
})

test('after the server was away the page has what happened meanwhile', async () => {
  const job = await start('away-1')
  const page = await visits.openPage('/job/away-1?tab=parameters')
  await page.locator('[data-parameter="lr"]').waitFor()
  const { port } = new URL(visits.world.url)
  await visits.world.server.close()
  await visits.world.startAgain(Number(port))
  await job.steer({ changes: [{ key: 'lr', value: 0.02, at: Date.now(), step: 60, cause: 'script', command: null }] })
  await expect.poll(async () => page.locator('[data-value="lr"]').innerText(), { timeout: 15_000 }).toBe('0.02')
})

test.each(mainLooks)('the header of a job that is steered has no faults at $width px', async (look) => {
  const uid = `head-look-${look.width}`
  const job = await start(uid)
  const page = await visits.openPage(`/job/${uid}`, look)
  await page.getByRole('button', { name: 'More about this job' }).click()
  await page.getByRole('menuitem', { name: 'Pause job' }).click()
  await told(page).waitFor()
  await job.refuse(await job.take(), 'Not now.')
  await told(page).getByText('Not now.').waitFor()
  expect(await findFaults(page, 'the header')).toEqual([])
})
