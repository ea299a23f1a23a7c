/** The job of somebody else that could be steered: what a member sees of it, why not more, and what an admin may. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { Steerable } from './steerable.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { addMember } from './world.ts'

const managers = 'takes the right to manage this job: its owner and admins have it.'

let visits: Visits
let token: string
beforeAll(async () => {
  visits = await startVisits()
  token = await addMember(visits.world, 'somebody')
})
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

async function start(uid: string): Promise<Steerable> {
  const job = await Steerable.start(visits.world, uid)
  await job.train(40)
  await job.write('one')
  return job
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

test.each(mainLooks)('a member sees its parameters and why they cannot be changed, at $width px', async (look) => {
  const uid = `set-${look.width}`
  await start(uid)
  const page = await visits.openPageAs({ token, role: 'member' }, `/job/${uid}?tab=parameters`, look)
  await page.getByText(`You may see the values. To change them ${managers}`).waitFor()
  await page.locator('[data-value="lr"]').waitFor()
  await page.locator('[data-change]').first().waitFor({ state: 'attached' })
  expect(await page.getByRole('slider').count()).toBe(0)
  expect(await button(page, 'Add schedule…').count()).toBe(0)
  expect(await findFaults(page, 'parameters')).toEqual([])
  await page.getByRole('button', { name: 'More about this job' }).click()
  await page.getByRole('menu').getByText(`To steer it ${managers}`).waitFor()
  expect(await page.getByRole('menuitem', { name: /^(Pause|Checkpoint|Evaluate|Stop)/ }).count()).toBe(0)
  expect(await page.getByRole('button', { name: /^(Pause|Checkpoint|Stop)( job| now)/ }).count()).toBe(0)
})

test.each(mainLooks)('a member sees its checkpoints and why there is no way back, at $width px', async (look) => {
  const uid = `back-${look.width}`
  await start(uid)
  const page = await visits.openPageAs({ token, role: 'member' }, `/job/${uid}?tab=checkpoints`, look)
  await page.getByText(`To have one written ${managers}`).waitFor()
  await button(page, 'one').click()
  const sheet = page.getByRole('dialog', { name: 'one' })
  await sheet.getByText('it takes the right to lead this job, which admins have').waitFor()
  for (const name of ['Pin', 'Delete', 'Roll back …', 'Describe', 'Add tag'])
    expect(await sheet.getByRole('button', { name }).count()).toBe(0)
  expect(await findFaults(page, 'a checkpoint')).toEqual([])
})

test('an admin changes it and takes it back, and the history says who did', async () => {
  const job = await start('led-1')
  const page = await visits.openPageAs({ token, role: 'admin' }, '/job/led-1?tab=parameters')
  await page.getByLabel('lr', { exact: true }).fill('0.001')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Send the change' }).click()
  await job.carryOut(await job.take())
  await page.locator('[data-change]').filter({ hasText: 'somebody' }).first().waitFor()
  for (const name of ['Pause job', 'Checkpoint now', 'Stop job']) await button(page, name).waitFor()
  await page.getByRole('link', { name: 'Checkpoints' }).click()
  await button(page, 'one').click()
  await button(page, 'Roll back …').click()
  const dialog = page.getByRole('dialog', { name: 'Roll back to «one»?' })
  await dialog.getByRole('button', { name: 'Roll back' }).click()
  await job.carryOut(await job.take())
  await dialog.getByText('The rollback is done').waitFor()
  await page.locator('[data-branch="1"]').getByText('back to «one», somebody').waitFor({ state: 'attached' })
})

test('a member is told who stops a job of their own', async () => {
  await start('own-1')
  const page = await visits.openPageAs('member', '/job/own-1')
  await button(page, 'Pause job').waitFor()
  await page.getByRole('button', { name: 'More about this job' }).click()
  await page.getByRole('menu').getByText('To stop it takes the right to lead this job, which admins have.').waitFor()
})
