import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { startVisits, type Visits } from './visits.ts'
import { Reporter, type World } from './world.ts'

let visits: Visits
let world: World

beforeAll(async () => {
  visits = await startVisits()
  world = visits.world
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

test('picked jobs are deleted together, and one press brings them back', async () => {
  for (const uid of ['first', 'second']) await (await Reporter.start(world, uid, { name: `${uid} job` })).finish()
  await Reporter.start(world, 'still', { name: 'still running' })
  const page = await visits.openPage('/')
  await page.getByRole('button', { name: 'Select jobs' }).click()
  await page.getByRole('checkbox', { name: 'Select still running' }).check()
  expect(await page.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true)
  await page.getByRole('checkbox', { name: 'Select still running' }).uncheck()
  await page.getByRole('checkbox', { name: 'Select first job' }).check()
  await page.getByRole('checkbox', { name: 'Select second job' }).check()
  await page.getByText('2 jobs selected').waitFor()
  expect(await findFaults(page, 'selection')).toEqual([])
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('link', { name: 'first job' }).waitFor({ state: 'detached' })
  await page.getByText('2 jobs deleted.').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('link', { name: 'first job' }).waitFor()
  await page.getByRole('link', { name: 'second job' }).waitFor()
  await page.getByText('2 jobs restored.').waitFor()
})

test('a job deleted from its own page can be had back at once', async () => {
  await (await Reporter.start(world, 'mistake', { name: 'a mistake' })).finish()
  const page = await visits.openPage('/job/mistake')
  await page.getByRole('button', { name: 'More about this job' }).click()
  await page.getByRole('menuitem', { name: 'Delete job' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete job' }).click()
  await page.waitForURL(`${world.url}/`)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.waitForURL(`${world.url}/job/mistake`)
  await page.getByRole('heading', { level: 1, name: 'a mistake' }).waitFor()
})

test('jobs are picked and deleted on a phone, too', async () => {
  for (const uid of ['pocket-one', 'pocket-two']) await (await Reporter.start(world, uid, { name: uid })).finish()
  const page = await visits.openPage('/?q=pocket', { width: 390, height: 844 })
  await page.getByRole('button', { name: 'Select jobs' }).tap()
  const box = page.getByRole('checkbox', { name: 'Select pocket-one' })
  await box.tap()
  await page.getByText('1 job selected').waitFor()
  expect(await findFaults(page, 'selection on a phone')).toEqual([])
  await page.getByRole('button', { name: 'Delete' }).tap()
  await page.getByRole('link', { name: 'pocket-one' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'pocket-two' }).waitFor()
})
