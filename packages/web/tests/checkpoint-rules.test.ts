/** Rules by which checkpoints stay, advice when to write one, what is in them, and how a job starts again from one. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobCreate } from '@pilothouse/contract'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { controls, Steerable } from './steerable.ts'
import { vector, writeTensors, type Tensors } from './tensor-files.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

let visits: Visits
beforeAll(async () => void (visits = await startVisits()))
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

const row = (page: Page, name: string) =>
  page.locator('tr[data-checkpoint]').filter({ has: page.getByRole('button', { name, exact: true }) })
const rules = (page: Page) => page.getByRole('dialog', { name: 'Which checkpoints stay' })
const going = (page: Page) => rules(page).getByRole('list', { name: 'Go' }).getByRole('listitem')
const advice = (page: Page) => page.getByRole('list', { name: 'Advice' }).getByRole('listitem')
const field = (page: Page, name: string) => rules(page).locator('label', { hasText: name })

/** A job with checkpoints at 20, 40, 60 and 80 steps. */
async function start(uid: string, body: Partial<JobCreate> = {}, can = controls): Promise<Steerable> {
  const job = await Steerable.start(visits.world, uid, { attempt: { claim: `${uid}/first` }, ...body }, can)
  for (const name of ['one', 'two', 'three', 'four']) {
    await job.train(20)
    await job.write(name)
  }
  return job
}

async function open(uid: string, more = ''): Promise<Page> {
  return visits.openPage(`/job/${uid}?tab=checkpoints${more}`)
}

test('rules are tried before they are set, what they delete goes, and it can be undone', async () => {
  await start('rules-1')
  const page = await open('rules-1')
  await row(page, 'two').getByRole('button', { name: 'two', exact: true }).click()
  await page.getByRole('button', { name: 'Pin', exact: true }).click()
  await page.getByRole('button', { name: 'Unpin' }).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Rules…' }).click()
  await rules(page).getByText('None goes.').waitFor()
  const set = rules(page).getByRole('button', { name: /^Set the rules/ })
  expect(await set.isDisabled()).toBe(true)

  await field(page, 'The youngest').click()
  await rules(page).getByLabel('How many').fill('0')
  await rules(page).getByText('A whole number from 1 to').waitFor()
  expect(await set.isDisabled()).toBe(true)
  await rules(page).getByLabel('How many').fill('1')
  await rules(page)
    .getByText(/^2 checkpoints would go: 2\.\d+ GiB freed\./)
    .waitFor()
  expect(await going(page).allInnerTexts()).toEqual([
    expect.stringMatching(/three step 60\s+no rule keeps it\s+1\.4 GiB/),
    expect.stringMatching(/one step 20\s+no rule keeps it\s+1\.4 GiB/),
  ])
  await rules(page).getByText('the youngest; one of the 1 youngest').waitFor()
  await rules(page).locator('[data-decision="stay"]').filter({ hasText: 'two' }).getByText('pinned').waitFor()

  // One rule more keeps one more.
  await field(page, 'The best by a metric').click()
  await rules(page).getByRole('combobox', { name: 'Metric' }).selectOption('accuracy')
  expect(await rules(page).getByRole('combobox', { name: 'Which way' }).inputValue()).toBe('maximize')
  await rules(page).getByRole('combobox', { name: 'Which way' }).selectOption('minimize')
  await rules(page).getByText('the best by accuracy').waitFor()
  await rules(page).getByRole('button', { name: 'Set the rules, delete 1' }).click()
  await rules(page).waitFor({ state: 'detached' })
  await page.getByText('The rules are set. 1 checkpoint will be deleted in ten minutes.').waitFor()
  await row(page, 'three')
    .getByText(/^deleted in (9 m|10 m)/)
    .waitFor()
  await page.getByText('By the rules the youngest and the best by accuracy stay.').waitFor()
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await row(page, 'three').getByText('deleted in').waitFor({ state: 'detached' })
  await page.getByText('By the rules').waitFor({ state: 'detached' })
  expect(await row(page, 'three').getByText('could not be deleted').count()).toBe(0)
})

test('rules that somebody sets meanwhile are shown to whoever is about to set others', async () => {
  await start('rules-2')
  const page = await open('rules-2', '&rules=open')
  const other = await open('rules-2', '&rules=open')
  await field(page, 'One every so many steps').click()
  await rules(page).getByRole('textbox', { name: 'Steps' }).fill('40')
  await going(page).filter({ hasText: 'three' }).waitFor()
  await field(other, 'The youngest').click()
  await rules(other).getByLabel('How many').fill('9')
  await rules(other).getByRole('button', { name: 'Set the rules', exact: true }).click()
  await rules(other).waitFor({ state: 'detached' })
  await rules(page).getByText('Somebody has set other rules meanwhile: the 9 youngest stay.').waitFor()
  expect(
    await rules(page)
      .getByRole('button', { name: /^Set the rules/ })
      .isDisabled(),
  ).toBe(true)
  await rules(page).getByRole('button', { name: 'Go on with mine' }).click()
  await rules(page).getByRole('button', { name: 'Set the rules, delete 1' }).click()
  await rules(page).waitFor({ state: 'detached' })
  await other.getByText('By the rules the first in every 40 steps stay.').waitFor()
})

test('who may not lead a job sees its rules and what they do; of one that has ended they are followed once', async () => {
  const job = await start('rules-3')
  await job.reporter.finish()
  const page = await open('rules-3', '&rules=open')
  await rules(page).getByText('rules are followed once, when they are set').waitFor()
  await field(page, 'The youngest').click()
  await rules(page).getByRole('button', { name: 'Set the rules, delete 1' }).click()
  await rules(page).waitFor({ state: 'detached' })
  const theirs = await visits.openPageAs('viewer', '/job/rules-3?tab=checkpoints&rules=open')
  await rules(theirs).getByText('By the rules the 3 youngest stay.').waitFor()
  await rules(theirs).getByText('To change the rules takes the right to lead this job').waitFor()
  await rules(theirs).getByText('None goes.').waitFor()
  expect(await rules(theirs).getByRole('checkbox').count()).toBe(0)
  expect(
    await rules(theirs)
      .getByRole('button', { name: /^Set the rules/ })
      .count(),
  ).toBe(0)
})

test('advice to pin the last good checkpoint stands there with its reason, and goes when that is done', async () => {
  const job = await start('advice-1')
  await job.train(10)
  const page = await open('advice-1')
  await row(page, 'four').waitFor()
  expect(await advice(page).count()).toBe(0)
  await job.reporter.points({ loss: Array.from({ length: 20 }, () => 9) }, job.step)
  await page.reload()
  await advice(page)
    .getByText(/^loss rises: .* The last checkpoint, at step 80, is from before that: pin it/)
    .waitFor()
  const theirs = await visits.openPageAs('viewer', '/job/advice-1?tab=checkpoints')
  await advice(theirs).waitFor()
  expect(await advice(theirs).getByRole('button', { name: /Pin/ }).count()).toBe(0)
  await advice(page).getByRole('button', { name: 'Pin «four»' }).click()
  await row(page, 'four').getByText('pinned').waitFor({ state: 'attached' })
  await advice(page).waitFor({ state: 'detached' })
  // Others hear of it without asking.
  await advice(theirs).waitFor({ state: 'detached' })
})

test('advice to write one is followed by one button, and read once where somebody dismisses it', async () => {
  const job = await Steerable.start(visits.world, 'advice-2')
  await job.train(60)
  const spikes = Array.from({ length: 20 }, (_, at) => (at % 5 === 4 ? 50 : 0.7))
  await job.reporter.points({ loss: spikes }, job.step)
  job.step += spikes.length
  const page = await open('advice-2')
  const other = await open('advice-2')
  await advice(page).getByText('there is no checkpoint to go back to').waitFor()
  await advice(other).getByRole('button', { name: 'Dismiss' }).click()
  await advice(other).waitFor({ state: 'detached' })
  await other.reload()
  await other.getByRole('heading', { name: 'No checkpoint yet' }).waitFor()
  expect(await advice(other).count()).toBe(0)
  await advice(page).getByRole('button', { name: 'Write one now' }).click()
  await page.getByRole('dialog', { name: 'Checkpoint now' }).getByRole('button', { name: 'Write checkpoint' }).click()
  // What is asked for already is not advised.
  await advice(page).waitFor({ state: 'detached' })
  await job.carryOut(await job.take())
  await page.locator('tr[data-checkpoint]').getByText('manual', { exact: true }).waitFor()
  expect(await advice(page).count()).toBe(0)
})

const layers = 2_500

/** So many layers, the last of which has moved furthest. */
function model(moved: number): Tensors {
  return Object.fromEntries(
    Array.from({ length: layers }, (_, at) => [`layers.${at}.weight`, vector(1, 2, 3 + (moved * at) / layers)]),
  )
}

async function startWithFiles(
  uid: string,
  body: Partial<JobCreate> = {},
): Promise<{ job: Steerable; folder: string; pair: string }> {
  const job = await Steerable.start(visits.world, uid, body)
  const folder = join(visits.world.server.dataFolder, `files of ${uid}`)
  await job.train(20)
  await writeTensors(job, { folder, name: 'a.safetensors', tensors: { ...model(0), 'head.bias': vector(1, 2) } })
  await job.train(20)
  const other = { 'head.weight': vector(1), 'layers.7.weight': vector(1, 2) }
  await writeTensors(job, { folder, name: 'b.safetensors', tensors: { ...model(1), ...other } })
  const page = await open(uid)
  const ids = await Promise.all(
    ['a.safetensors', 'b.safetensors'].map(
      async (name) => (await row(page, name).getAttribute('data-checkpoint')) ?? '',
    ),
  )
  return { job, folder, pair: `&checkpoint=${ids.join('&versus=')}` }
}

test('tensors of two checkpoints are compared, thousands of them, sorted, found, and those in one only stand out', async () => {
  const { pair } = await startWithFiles('tensors-1')
  const page = await open('tensors-1', pair)
  await page.getByRole('button', { name: 'Tensors', exact: true }).click()
  const tensors = page.locator('[data-tensor]')
  await page.getByText(/^2499 tensors compared/).waitFor()
  const nameAt = async (at: number) => tensors.nth(at).getAttribute('data-tensor')
  expect([await nameAt(0), await nameAt(1)]).toEqual(['layers.2499.weight', 'layers.2498.weight'])
  expect(await tensors.first().innerText()).toMatch(/float32 3\s+3\.742\s+4\.58\d\s+0\.9996\s+0\.267\d/)
  expect(await tensors.count()).toBeLessThan(80)

  const list = page.getByRole('group', { name: 'Tensors, scrolls' })
  await list.focus()
  await page.keyboard.press('End')
  await tensors.filter({ hasText: 'head.weight' }).getByText('+ only in b.safetensors').waitFor()
  await tensors.filter({ hasText: 'layers.7.weight' }).getByText('≠ other shape, float32 3 → float32 2').waitFor()
  expect(await tensors.count()).toBeLessThan(80)

  await page.getByRole('button', { name: '1 only in a.safetensors' }).click()
  await expect.poll(async () => tensors.count()).toBe(1)
  expect(await nameAt(0)).toBe('head.bias')
  await page.getByRole('button', { name: 'All 2502' }).click()
  await page.getByRole('button', { name: 'Name' }).click()
  await expect.poll(async () => nameAt(1)).toBe('head.weight')
  await page.getByLabel('Search by name').fill('weight 2498')
  await expect.poll(async () => tensors.count()).toBe(1)
  await page.getByLabel('Search by name').fill('2498')
  await page.getByRole('button', { name: 'By layer' }).click()
  await page.locator('[data-tensor="layers.2498"]').getByText('1 tensor, 3 elements').waitFor()
  await page.getByLabel('Search by name').fill('nothing like it')
  await page.getByText('None has all these words.').waitFor()
  await page.reload()
  await page.getByText(/^2499 tensors compared/).waitFor()
})

test('why tensors cannot be compared is said in words', async () => {
  const { job, folder, pair } = await startWithFiles('tensors-2')
  await writeFile(join(folder, 'b.safetensors'), 'no tensors at all')
  const page = await open('tensors-2', `${pair}&part=tensors`)
  const why = page.getByRole('alert').filter({ hasText: 'The tensors could not be compared' })
  await why.getByText(/b\.safetensors/).waitFor()
  await rm(join(folder, 'b.safetensors'))
  await why.getByRole('button', { name: 'Try again' }).click()
  await why.getByText('is not there').waitFor()
  await job.write('far')
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByLabel('Compare a.safetensors').check()
  await page.getByLabel('Compare far').check()
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await page.getByRole('button', { name: 'Tensors', exact: true }).click()
  await why.getByText('It lies on node-1').waitFor()
  await why.getByText('both have to lie on one machine').waitFor()
})

const recipe = { command: ['/usr/bin/python3', 'train.py', '--out', 'my run'], workingDirectory: '/home/ada/llama' }

test('a job that has ended is started again by a command that is copied, with what comes of it', async () => {
  const job = await start('again-1', { recipe })
  await job.steer({ fork: { at: Date.now(), step: 40, from: 80, checkpoint: 'two' } })
  job.step = 40
  await job.train(30)
  await job.write('five')
  await job.reporter.finish('failed')
  const page = await open('again-1')
  await row(page, 'five').getByRole('button', { name: 'five', exact: true }).click()
  await page.getByRole('button', { name: 'Start again …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Start again from «five»' })
  await dialog.getByText('Run this on node-1, where the checkpoint lies').waitFor()
  const line =
    "cd /home/ada/llama && PILOTHOUSE_JOB=again-1 PILOTHOUSE_RESTORE=/data/checkpoints/five.pt /usr/bin/python3 train.py --out 'my run'"
  expect(await dialog.getByLabel('the line for a shell', { exact: true }).innerText()).toBe(line)
  await dialog.getByRole('button', { name: 'Copy the line for a shell' }).click()
  await dialog.getByText('Copied.').first().waitFor({ state: 'attached' })
  expect(await page.evaluate(async () => navigator.clipboard.readText())).toBe(line)
  expect(await dialog.getByLabel('the command', { exact: true }).innerText()).toMatch(
    /^pilothouse relaunch again-1 \d+$/,
  )
  await dialog.getByText('2, from step 70 of branch 1, which began at step 40 of branch 0').waitFor()
  await Steerable.start(visits.world, 'again-1', { attempt: { claim: 'again-1/second' } })
  await dialog.getByText('The job goes on: attempt 2 has begun.').waitFor()
})

test('a job is not started again from what it cannot read, and the reason is said', async () => {
  const job = await start('again-2', { recipe }, { ...controls, rollback: null })
  await job.reporter.finish()
  const page = await open('again-2')
  const dialog = page.getByRole('dialog', { name: /^Start again from/ })
  const ask = async (on: Page, name: string): Promise<void> => {
    await row(on, name).getByRole('button', { name, exact: true }).click()
    await on.getByRole('button', { name: 'Start again …' }).click()
  }
  await ask(page, 'one')
  await dialog.getByText('This script has not said how it reads a checkpoint: it would begin anew.').waitFor()
  expect(await dialog.getByRole('button', { name: /^Copy/ }).count()).toBe(0)

  const other = await start('again-3', { recipe })
  await other.steer({ fates: [{ name: 'two', state: 'missing', at: Date.now(), reason: 'No such file.' }] })
  const folder = join(visits.world.server.dataFolder, 'again')
  await writeTensors(other, { folder, name: 'gone.safetensors', tensors: { w: vector(1) } })
  await rm(join(folder, 'gone.safetensors'))
  await other.reporter.finish()
  await page.goto(`${visits.world.url}/job/again-3?tab=checkpoints`)
  await ask(page, 'two')
  await dialog.getByText('The job cannot go on from «two»: it is missing.').waitFor()
  await dialog.getByText('No such file.').waitFor()
  await page.goto(`${visits.world.url}/job/again-3?tab=checkpoints`)
  await ask(page, 'gone.safetensors')
  await dialog.getByText(/gone\.safetensors is not there any more\./).waitFor()

  const theirs = await visits.openPageAs('viewer', '/job/again-3?tab=checkpoints')
  await row(theirs, 'one').getByRole('button', { name: 'one', exact: true }).click()
  await theirs.getByText('No way back to it now').waitFor()
  expect(await theirs.getByRole('button', { name: 'Start again …' }).count()).toBe(0)
})

test.each(mainLooks)('rules and advice have no faults at $width px', async (look) => {
  const uid = `rules-look-${look.width}`
  const job = await start(uid)
  await job.train(10)
  await job.reporter.points({ loss: Array.from({ length: 20 }, () => 9) }, job.step)
  const page = await visits.openPage(`/job/${uid}?tab=checkpoints`, look)
  await advice(page).waitFor()
  expect(await findFaults(page, 'advice')).toEqual([])
  await page.getByRole('button', { name: 'Rules…' }).click()
  await field(page, 'The youngest').click()
  await field(page, 'The best by a metric').click()
  await going(page).first().waitFor()
  expect(await findFaults(page, 'rules')).toEqual([])
})

test.each(mainLooks)('tensors and starting again have no faults at $width px', async (look) => {
  const uid = `tensors-look-${look.width}`
  const { job, pair } = await startWithFiles(uid, { recipe: { ...recipe, environment: { WORLD_SIZE: '4' } } })
  await job.reporter.finish()
  const page = await visits.openPage(`/job/${uid}?tab=checkpoints${pair}&part=tensors`, look)
  await page.getByRole('button', { name: '1 only in a.safetensors' }).click()
  await expect.poll(async () => page.locator('[data-tensor]').count()).toBe(1)
  expect(await findFaults(page, 'tensors')).toEqual([])
  await page.getByRole('button', { name: 'Close' }).click()
  await row(page, 'a.safetensors').getByRole('button', { name: 'a.safetensors', exact: true }).click()
  await page.getByRole('button', { name: 'Start again …' }).click()
  await page.getByText('The job had 4 ranks').waitFor()
  expect(await findFaults(page, 'starting again')).toEqual([])
})
