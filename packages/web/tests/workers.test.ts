/** Workers that are started and stopped by the page: processes of this machine that only sleep in place of working. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

let visits: Visits
beforeAll(async () => {
  visits = await startVisits()
})
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

test('workers are started from their card, and all of a target are stopped there', async () => {
  const page = await visits.openPage('/batches')
  const menu = page.getByRole('region', { name: 'Workers' }).getByRole('button', { name: 'Start or stop workers' })
  await menu.click()
  await page.getByRole('menuitem', { name: 'Start workers …' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('How many').fill('none')
  await dialog.getByRole('button', { name: 'Start workers' }).click()
  await dialog.getByText('A number from 1 to 100').waitFor()
  expect(await findFaults(page, 'starting workers')).toEqual([])
  await dialog.getByLabel('How many').fill('2')
  await dialog.getByLabel('Address of the control room').fill('ssh')
  await dialog.getByRole('button', { name: 'Start workers' }).click()
  await dialog.getByText(/This machine needs no way here/).waitFor()
  await dialog.getByLabel('Address of the control room').fill('')
  await dialog.getByLabel('Command').fill("sh -c 'exec sleep 600'")
  await dialog.getByRole('button', { name: 'Start workers' }).click()
  await page.getByText('2 workers on the way: listed here once heard of.').waitFor()
  await menu.click()
  await page.getByRole('menuitem', { name: 'Stop 2 on local' }).click()
  await page.getByText('2 workers told to stop. Others go on with what they had.').waitFor()
})

test.each(mainLooks)('the form for workers stands well at $width px', async (look) => {
  const page = await visits.openPage('/batches', look)
  await page.getByRole('button', { name: 'Start or stop workers' }).click()
  await page.getByRole('menuitem', { name: 'Start workers …' }).click()
  await page.getByRole('dialog').getByLabel('Command').waitFor()
  expect(await findFaults(page, 'starting workers')).toEqual([])
})

test('who may not launch sees no menu', async () => {
  const page = await visits.openPageAs('member', '/batches')
  await page.getByRole('region', { name: 'Workers' }).waitFor()
  expect(await page.getByRole('button', { name: 'Start or stop workers' }).count()).toBe(0)
})
