/** The page as somebody sees it who may look and nothing else, and as a member who is no admin. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
beforeAll(async () => {
  visits = await startVisits()
  const job = await Reporter.start(visits.world, 'seen', { name: 'seen', tags: ['mine'] })
  await job.points({ loss: [3, 2, 1] }, 0)
  const late = Date.now()
  await job.report({ alerts: [{ title: 'Look here', text: 'It is slow.', level: 'warning', at: late, step: 2 }] })
})
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

test('a viewer reads everything of a job and is offered nothing that changes it', async () => {
  const page = await visits.openPageAs('viewer', '/job/seen')
  await page.getByRole('heading', { name: 'seen' }).waitFor()
  await page.getByText('Look here').waitFor()
  await page.getByRole('button', { name: 'More about this job' }).click()
  await page.getByRole('menu').waitFor()
  expect(await page.getByRole('menuitem', { name: /Delete|Archive|Rename/ }).count()).toBe(0)
  await page.keyboard.press('Escape')
  await page.goto(`${visits.world.url}/job/seen?tab=notes`)
  await page.getByRole('heading', { name: 'seen' }).waitFor()
  expect(await page.getByLabel('Write a note').count()).toBe(0)
})

test('a viewer sees alerts and rules, and is told who may do more', async () => {
  const page = await visits.openPageAs('viewer', '/alerts')
  const item = page.getByRole('list', { name: 'Alerts' }).getByRole('listitem').filter({ hasText: 'Look here' })
  await item.waitFor()
  expect(await item.getByRole('button').count()).toBe(0)
  await page.goto(`${visits.world.url}/alerts?tab=rules`)
  await page.getByText('No rule is written yet.').waitFor()
  expect(await page.getByRole('button', { name: /rule/i }).count()).toBe(0)
  await page.goto(`${visits.world.url}/alerts?tab=channels`)
  await page.getByRole('heading', { name: 'Channels are for those who manage alerts' }).waitFor()
  expect(await findFaults(page, 'channels of a viewer')).toEqual([])
  await page.goto(`${visits.world.url}/system`)
  await page.getByRole('heading', { name: 'This page is for admins of the server' }).waitFor()
})

test('a member acknowledges alerts and writes rules, and leaves channels to admins', async () => {
  const page = await visits.openPageAs('member', '/alerts')
  await page.getByRole('button', { name: 'Acknowledge' }).click()
  await page.getByText(/acknowledged by/).waitFor()
  await page.goto(`${visits.world.url}/alerts?tab=rules`)
  await page.getByRole('button', { name: 'Add: A loss is NaN' }).click()
  await page.getByRole('list', { name: 'Rules', exact: true }).getByText('A loss is NaN').waitFor()
  await page.goto(`${visits.world.url}/alerts?tab=channels`)
  await page.getByText('An admin can add and change channels.').waitFor()
  expect(await page.getByRole('button', { name: 'Add a channel' }).count()).toBe(0)
})
