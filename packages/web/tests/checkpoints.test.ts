/** Checkpoints of a job: asked for, found, compared, written on, deleted, brought back, and gone back to. */
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

const row = (page: Page, name: string) => page.locator('tr[data-checkpoint]').filter({ hasText: name })
const sheet = (page: Page, name: string) => page.getByRole('dialog', { name, exact: true })

/** A job with three checkpoints, the second of which is the best. */
async function start(uid: string, can = controls): Promise<Steerable> {
  const job = await Steerable.start(visits.world, uid, {}, can)
  await job.train(20)
  await job.write('early', { description: 'before the change', kind: 'automatic' })
  await job.train(20)
  await job.write('middle', { metrics: { loss: 0.1, accuracy: 0.95 }, bytes: 3 * 1024 ** 3 })
  await job.train(20)
  await job.write('late')
  return job
}

async function open(uid: string, more = ''): Promise<Page> {
  return visits.openPage(`/job/${uid}?tab=checkpoints${more}`)
}

test('checkpoints are listed, the best is marked, searched and sorted, and what they take is told', async () => {
  await start('list-1')
  const page = await open('list-1')
  await page.getByText(/^3 checkpoints, 5\.\d+ GiB/).waitFor()
  const names = page.locator('tr[data-checkpoint] td:nth-child(2) button')
  expect(await names.allInnerTexts()).toEqual(['late', 'middle', 'early'])
  await row(page, 'middle').getByTitle('Best loss of all checkpoints').waitFor()
  await page.getByRole('button', { name: 'Size' }).click()
  expect((await names.allInnerTexts())[0]).toBe('middle')
  await page.getByLabel('Search checkpoints').fill('change before')
  expect(await names.allInnerTexts()).toEqual(['early'])
  await page.getByLabel('Search checkpoints').fill('nothing like it')
  await page.getByText('None has all these words.').waitFor()
})

test('a checkpoint is asked for, waits for the job, and appears with what was said of it', async () => {
  const job = await start('now-1')
  const page = await open('now-1')
  await page.getByRole('main').getByRole('button', { name: 'Checkpoint now' }).last().click()
  const dialog = page.getByRole('dialog', { name: 'Checkpoint now' })
  await dialog.getByLabel('Name').fill('../elsewhere')
  expect(await dialog.getByRole('button', { name: 'Write checkpoint' }).isDisabled()).toBe(true)
  await dialog.getByLabel('Name').fill('by-hand')
  await dialog.getByLabel('Description').fill('it looks good')
  await dialog.getByLabel('Tags').fill('good, keep')
  await page.keyboard.press('Enter')
  const asked = page.getByRole('list', { name: 'Asked for' })
  await asked.getByText('Checkpoint «by-hand»').waitFor()
  await asked.getByText('waits for the job to take it').waitFor()
  await job.carryOut(await job.take())
  await row(page, 'by-hand').getByText('manual').waitFor()
  await row(page, 'by-hand').getByText('#good').waitFor()
  await row(page, 'by-hand').getByText('it looks good').waitFor()
  await asked.waitFor({ state: 'detached' })
})

test('two checkpoints stand side by side, and what differs stands out', async () => {
  const job = await start('compare-1')
  job.values.set('lr', 0.001)
  await job.write('later', { metrics: { loss: 0.2, accuracy: 0.95 } })
  const page = await open('compare-1')
  await page.getByLabel('Compare middle').check()
  expect(await page.getByRole('button', { name: 'Compare', exact: true }).isDisabled()).toBe(true)
  await page.getByLabel('Compare later').check()
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  const both = page.getByRole('dialog', { name: 'middle and later' })
  const line = (name: string) => both.locator(`tr[data-differs]:has(th[title="${name}"])`)
  expect(await line('loss').innerText()).toMatch(/★ 0\.1\s+\(better\)\s+0\.2\s+× 2/)
  expect(await line('lr').innerText()).toMatch(/3e-4\s+0\.001\s+× 3\.333/)
  expect(await line('accuracy').getAttribute('data-differs')).toBe('false')
  await both.getByLabel('Only what differs').check()
  await line('accuracy').waitFor({ state: 'detached' })
  await line('loss').waitFor()
  await page.reload()
  await both.waitFor()
  await both.getByRole('button', { name: 'Close' }).click()
  expect(new URL(page.url()).searchParams.has('versus')).toBe(false)
})

test('a checkpoint is described, tagged, pinned and written on, and others see it', async () => {
  await start('words-1')
  const page = await open('words-1')
  const other = await open('words-1')
  await row(page, 'late').getByRole('button', { name: 'late' }).click()
  const one = sheet(page, 'late')
  await one.getByText('/data/checkpoints/late.pt').waitFor()
  await one.getByRole('button', { name: 'Describe' }).click()
  await one.getByLabel('Description', { exact: true }).fill('for the report')
  await page.keyboard.press('Control+Enter')
  await row(other, 'late').getByText('for the report').waitFor()
  await one.getByRole('button', { name: 'Add tag' }).click()
  await page.keyboard.type('report')
  await page.keyboard.press('Enter')
  await row(other, 'late').getByText('#report').waitFor()
  await one.getByRole('button', { name: 'Pin', exact: true }).click()
  await row(other, 'late').getByText('pinned').waitFor({ state: 'attached' })
  expect(await one.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true)
  await one.getByLabel('Write a note on this checkpoint').fill('Use **this** one.')
  await one.getByRole('button', { name: 'Add note' }).click()
  await one.locator('strong', { hasText: 'this' }).waitFor()
  await row(other, 'late').getByTitle('Notes on it').waitFor()
  await other.goto(`${visits.world.url}/job/words-1?tab=notes`)
  await other.getByRole('link', { name: 'checkpoint «late», step 60' }).click()
  await sheet(other, 'late').locator('strong', { hasText: 'this' }).waitFor()
})

test('a deleted checkpoint says how long it can be had back, and comes back', async () => {
  await start('delete-1')
  const page = await open('delete-1')
  await row(page, 'early').getByRole('button', { name: 'early' }).click()
  await sheet(page, 'early').getByRole('button', { name: 'Delete' }).click()
  await sheet(page, 'early')
    .getByText(/^Deleted in (9 m|10 m)/)
    .waitFor()
  await sheet(page, 'early').getByText('it is about to be deleted. Undo that first.').waitFor()
  await sheet(page, 'early').getByRole('button', { name: 'Close' }).click()
  await row(page, 'early')
    .getByText(/deleted in (9 m|10 m)/)
    .waitFor()
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await row(page, 'early').getByText('deleted in').waitFor({ state: 'detached' })
  await row(page, 'late').getByRole('button', { name: 'late' }).click()
  await sheet(page, 'late').getByRole('button', { name: 'Delete' }).click()
  await sheet(page, 'late').getByRole('button', { name: 'Undo the deletion' }).click()
  await sheet(page, 'late').getByRole('button', { name: 'Roll back …' }).waitFor()
})

test('a checkpoint whose files are gone or other than written says so, and nothing goes back to it', async () => {
  const job = await start('fate-1')
  await job.steer({
    fates: [
      { name: 'early', state: 'missing', at: Date.now(), reason: 'No such file.' },
      { name: 'late', state: 'corrupt', at: Date.now(), reason: 'Its checksum is another one.' },
      { name: 'middle', state: 'present', at: Date.now(), reason: 'Its machine is not reached from here.' },
    ],
  })
  const page = await open('fate-1')
  await row(page, 'early').getByText('missing').waitFor()
  await row(page, 'middle').getByText('could not be deleted').waitFor()
  await row(page, 'late').getByRole('button', { name: 'late' }).click()
  await sheet(page, 'late').getByText('Its checksum is another one.').waitFor()
  expect(await sheet(page, 'late').getByRole('button', { name: 'Roll back …' }).count()).toBe(0)
})

test('a rollback says what comes back, goes its way, and what follows is another branch', async () => {
  const job = await start('back-1')
  const page = await open('back-1')
  await row(page, 'middle').getByRole('button', { name: 'middle' }).click()
  await sheet(page, 'middle').getByRole('button', { name: 'Roll back …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Roll back to «middle»?' })
  await dialog.getByText('weights, optimizer, scheduler, rng').waitFor()
  await dialog.getByText('What follows is branch 1. Branch 0 stays as it is').waitFor()
  expect(await dialog.getByLabel('Write a checkpoint of where it is now first').isChecked()).toBe(true)
  expect(await findFaults(page, 'a rollback')).toEqual([])
  await dialog.getByLabel('Note').fill('it diverged')
  await dialog.getByRole('button', { name: 'Roll back' }).click()
  await dialog.getByText('waits for the job to take it').waitFor()
  const order = await job.take()
  expect(order).toMatchObject({ kind: 'rollback', body: { step: 40, checkpointFirst: true, keepParameters: false } })
  await dialog.getByText('the job has it').waitFor()
  await job.carryOut(order)
  await dialog.getByText('The rollback is done: applied at step 60.').waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await sheet(page, 'middle').getByRole('button', { name: 'Close' }).click()
  await job.train(10)
  const tree = page.getByRole('region', { name: /^Branches/ })
  await tree.locator('[data-branch="1"]').getByText('from branch 0 at step 40, back to «middle», root').waitFor()

  await page.goto(`${visits.world.url}/job/back-1?tab=metrics&smooth=0`)
  const chart = page.locator('[data-chart="loss"]')
  await chart.locator('.chart-legend-entry').filter({ hasText: 'branch 0' }).waitFor()
  await chart.getByRole('button', { name: /^Back to step 40 \(«middle»\) from step 60: branch 1/ }).waitFor()
  await page.getByRole('button', { name: 'branch 1', exact: true }).click()
  await page.getByRole('menuitemradio', { name: /^branch 0/ }).click()
  await page.getByText('Charts show branch 0.').waitFor()
  await chart.locator('.chart-legend-entry').filter({ hasText: 'branch 1' }).waitFor()
  expect(await chart.getByRole('button', { name: /^Back to step/ }).count()).toBe(0)
  await page.getByRole('button', { name: 'Show the current' }).click()
  await chart.getByRole('button', { name: /^Back to step/ }).waitFor()
})

test('a rollback that went wrong says so, and the branch stays', async () => {
  const job = await start('back-2')
  const page = await open('back-2')
  await row(page, 'early').getByRole('button', { name: 'early' }).click()
  await sheet(page, 'early').getByRole('button', { name: 'Roll back …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Roll back to «early»?' })
  await dialog.getByRole('button', { name: 'Roll back' }).click()
  await job.refuse(await job.take(), 'The optimizer has other groups than the checkpoint.', 'failed')
  await dialog.getByText('failed at step 60').waitFor()
  await dialog.getByText('The optimizer has other groups than the checkpoint.').waitFor()
  await page.keyboard.press('Escape')
  expect(await page.getByRole('region', { name: /^Branches/ }).count()).toBe(0)
})

test('where nothing can be asked for, the reason stands there', async () => {
  const job = await start('ended-1')
  await job.reporter.finish()
  const page = await open('ended-1')
  await page.getByText('None can be made now. The job has ended (completed)').waitFor()
  expect(await page.getByRole('button', { name: 'Checkpoint now' }).count()).toBe(0)
  await row(page, 'late').getByRole('button', { name: 'late' }).click()
  await sheet(page, 'late')
    .getByText(/^No way back to it now: The job has ended/)
    .waitFor()

  await start('relaunch-1', { ...controls, rollback: { way: 'relaunch', covers: ['weights'] } })
  const other = await open('relaunch-1')
  await row(other, 'late').getByRole('button', { name: 'late' }).click()
  await sheet(other, 'late').getByText('this script goes back by being started again').waitFor()

  const bare = await Reporter.start(visits.world, 'bare-1')
  await bare.points({ loss: [1] }, 0)
  const empty = await open('bare-1')
  await empty.getByRole('heading', { name: 'No checkpoint yet' }).waitFor()
  expect(await empty.getByLabel('Python that makes checkpoints', { exact: true }).innerText()).toContain(
    'job.checkpoints(',
  )
})

test.each(mainLooks)('checkpoints have no faults at $width px', async (look) => {
  const uid = `check-look-${look.width}`
  const job = await start(uid)
  await job.steer({ fates: [{ name: 'early', state: 'missing', at: Date.now(), reason: 'No such file.' }] })
  const page = await visits.openPage(`/job/${uid}?tab=checkpoints`, look)
  await row(page, 'early').getByText('missing').waitFor()
  await row(page, 'late').getByText('★').waitFor({ state: 'detached' })
  expect(await findFaults(page, 'checkpoints')).toEqual([])
  await row(page, 'early').getByRole('button', { name: 'early' }).click()
  await sheet(page, 'early').getByText('No such file.').waitFor()
  expect(await findFaults(page, 'a checkpoint')).toEqual([])
  await sheet(page, 'early').getByRole('button', { name: 'Compare with' }).click()
  await page.getByRole('menuitem', { name: /^late/ }).click()
  await page.getByRole('dialog', { name: 'early and late' }).waitFor()
  expect(await findFaults(page, 'two checkpoints')).toEqual([])
})
