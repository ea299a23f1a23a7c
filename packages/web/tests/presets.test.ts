/** Presets of parameters: kept, looked at, applied and deleted on the page of a job. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { Steerable } from './steerable.ts'
import { mainLooks, startVisits, type Look, type Visits } from './visits.ts'

let visits: Visits
beforeAll(async () => void (visits = await startVisits()))
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

const row = (page: Page, key: string) => page.locator(`[data-parameter="${key}"]`)
const value = (page: Page, key: string) => page.locator(`[data-value="${key}"]`)

/** Each test has a project of its own, and so its own presets. */
async function start(uid: string): Promise<Steerable> {
  const job = await Steerable.start(visits.world, uid, { project: `of-${uid}` })
  await job.train(40)
  return job
}

async function open(uid: string, look: Look = {}): Promise<Page> {
  const page = await visits.openPage(`/job/${uid}?tab=parameters`, look)
  await row(page, 'lr').waitFor()
  return page
}

async function keep(page: Page, name: string, values: Record<string, unknown>, project: string | null): Promise<void> {
  const answer = await page.request.post(`${visits.world.url}/api/presets`, {
    data: { name, project, values },
    headers: { origin: visits.world.url },
  })
  expect(answer.ok()).toBe(true)
}

async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Presets' }).click()
  await page.getByRole('menuitem', { name }).click()
}

test('values of now are kept under a name, some of them, and are there for the next look', async () => {
  await start('preset-1')
  const page = await open('preset-1')
  await choose(page, 'Save current values…')
  const dialog = page.getByRole('dialog', { name: 'Save current values' })
  expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  await dialog.getByLabel('Name').fill('calm')
  for (const key of ['batch = 32', 'schedule = cosine', 'augment = on']) await dialog.getByLabel(key).uncheck()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await choose(page, 'calm')
  const shown = page.getByRole('dialog', { name: 'Preset «calm»' })
  await shown.waitFor()
  expect(await shown.getByRole('listitem').allInnerTexts()).toEqual([
    expect.stringMatching(/lr\s+3e-4, the same/),
    expect.stringMatching(/dropout\s+0\.1, the same/),
  ])
  await shown.getByText('All of it is so already.').waitFor()
  await shown.getByRole('button', { name: 'Close' }).last().click()
  await choose(page, 'Save current values…')
  await dialog.getByLabel('Name').fill('calm')
  await page.keyboard.press('Enter')
  await dialog.getByText('There is a preset «calm» already.').waitFor()
})

test('a preset shows what it would change, and is applied as any change is', async () => {
  const job = await start('preset-2')
  const page = await open('preset-2')
  await keep(page, 'careful', { lr: 1e-5, dropout: 0.1, augment: false }, null)
  await choose(page, 'careful')
  const dialog = page.getByRole('dialog', { name: 'Preset «careful»' })
  await dialog.waitFor()
  expect(await dialog.getByRole('listitem').allInnerTexts()).toEqual([
    expect.stringMatching(/lr\s+3e-4\s+1e-5/),
    expect.stringMatching(/dropout\s+0\.1, the same/),
    expect.stringMatching(/augment\s+on\s+off/),
  ])
  await dialog.getByRole('button', { name: 'Apply 2 changes' }).click()
  await dialog.waitFor({ state: 'detached' })
  await row(page, 'lr').getByText('→ 1e-5').waitFor()
  expect(await value(page, 'lr').innerText()).toBe('3e-4')
  await job.carryOut(await job.take())
  await row(page, 'lr').getByText('applied at step 40').waitFor()
  await expect.poll(async () => value(page, 'lr').innerText()).toBe('1e-5')
  await job.carryOut(await job.take())
  await expect.poll(async () => value(page, 'augment').innerText()).toBe('off')
  await page.locator('tr[data-change]').first().getByText('Preset «careful»').waitFor()
})

test('a value that the job would not take is marked with what is expected, and nothing is applied', async () => {
  await start('preset-3')
  const page = await open('preset-3')
  await keep(page, 'wild', { lr: 5, dropout: 0.2, momentum: 0.9 }, 'of-preset-3')
  await choose(page, 'wild')
  const dialog = page.getByRole('dialog', { name: 'Preset «wild»' })
  await dialog.getByText('Not possible: a number from 0.000001 to 0.1 is expected.').waitFor()
  await dialog.getByText('Not possible: this job has no such parameter.').waitFor()
  expect(await dialog.getByRole('button', { name: 'Apply 1 change' }).isDisabled()).toBe(true)
})

test('one’s own is deleted, and brought back', async () => {
  await start('preset-4')
  const page = await open('preset-4')
  await keep(page, 'short', { lr: 1e-4 }, 'of-preset-4')
  await choose(page, 'short')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Preset «short» deleted.').waitFor()
  await page.getByRole('button', { name: 'Presets' }).click()
  await expect.poll(async () => page.getByRole('menuitem', { name: 'short' }).count()).toBe(0)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Presets' }).click()
  await page.getByRole('menuitem', { name: 'short' }).waitFor()
})

test('the menu is opened and a preset chosen by keys', async () => {
  await start('preset-5')
  const page = await open('preset-5')
  await keep(page, 'quick', { lr: 0.01 }, 'of-preset-5')
  await page.getByRole('button', { name: 'Presets' }).focus()
  await page.keyboard.press('ArrowDown')
  await page.getByRole('menuitem', { name: 'quick' }).waitFor()
  await page.keyboard.type('quick')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Preset «quick»' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

test('a viewer sees what a preset holds, and can neither apply, keep nor delete it', async () => {
  const job = await start('preset-6')
  const page = await open('preset-6')
  await keep(page, 'seen', { lr: 0.01 }, 'of-preset-6')
  const theirs = await visits.openPageAs('viewer', '/job/preset-6?tab=parameters')
  await theirs.getByRole('button', { name: 'Presets' }).click()
  await theirs.getByRole('menuitem', { name: 'seen' }).waitFor()
  expect(await theirs.getByRole('menuitem', { name: 'Save current values…' }).count()).toBe(0)
  await theirs.getByRole('menuitem', { name: 'seen' }).click()
  const dialog = theirs.getByRole('dialog', { name: 'Preset «seen»' })
  await dialog.getByText('To change them takes the right to manage this job').waitFor()
  expect(await dialog.getByRole('button', { name: /Apply|Delete/ }).count()).toBe(0)
  await job.reporter.finish()
  await page.getByText('Nothing can be changed. The job has ended').waitFor()
  await choose(page, 'seen')
  await page.getByRole('dialog').getByText('Nothing can be changed. The job has ended').waitFor()
  expect(await page.getByRole('dialog').getByRole('button', { name: /Apply/ }).count()).toBe(0)
})

test.each(mainLooks)('presets have no faults at $width px', async (look) => {
  const uid = `preset-look-${look.width}`
  await start(uid)
  const page = await open(uid, look)
  await keep(page, 'look', { lr: 5, dropout: 0.2, batch: 32 }, `of-${uid}`)
  await page.getByRole('button', { name: 'Presets' }).click()
  await page.getByRole('menuitem', { name: 'look' }).waitFor()
  expect(await findFaults(page, 'the menu of presets')).toEqual([])
  await page.getByRole('menuitem', { name: 'look' }).click()
  await page.getByRole('dialog').waitFor()
  expect(await findFaults(page, 'a preset')).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await choose(page, 'Save current values…')
  await page.getByRole('dialog', { name: 'Save current values' }).waitFor()
  expect(await findFaults(page, 'keeping a preset')).toEqual([])
})
