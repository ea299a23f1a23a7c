import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits

beforeAll(async () => {
  visits = await startVisits()
  await (await Reporter.start(visits.world, 'night-run', { name: 'night run', tags: ['nightly'] })).finish('failed')
  await Reporter.start(visits.world, 'day-run', { name: 'day run' })
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

async function choose(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: /^View/ }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

test('a view is saved, opened, overwritten and deleted, and comes back', async () => {
  const page = await visits.openPage('/?state=failed')
  await page.getByRole('link', { name: 'night run' }).waitFor()
  await choose(page, 'Save this view…')
  await page.getByLabel('Name').fill('Broken ones')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'View: Broken ones' }).waitFor()
  await choose(page, 'All jobs')
  await page.getByRole('link', { name: 'day run' }).waitFor()
  await choose(page, 'Broken ones')
  await page.getByRole('link', { name: 'day run' }).waitFor({ state: 'detached' })
  expect(page.url()).toBe(`${visits.world.url}/?state=failed`)
  await page.getByRole('button', { name: 'Table' }).click()
  await page.getByText('changed', { exact: true }).waitFor()
  await choose(page, 'Overwrite «Broken ones»')
  await page.getByText('changed', { exact: true }).waitFor({ state: 'detached' })
  await choose(page, 'Manage views…')
  await page.getByRole('button', { name: 'Delete Broken ones' }).click()
  await page.getByText('No view is left.').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'View: Broken ones' }).waitFor()
})

test('the page opens with the view that one has chosen, and other addresses stay what they are', async () => {
  const page = await visits.openPage('/?tag=nightly')
  await choose(page, 'Save this view…')
  await page.getByLabel('Name').fill('Nightly')
  await page.getByLabel('Open this page with it').check()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'View: Nightly' }).waitFor()
  await page.goto(`${visits.world.url}/`)
  await page.waitForURL(`${visits.world.url}/?tag=nightly`)
  await page.goto(`${visits.world.url}/?q=day`)
  await page.getByRole('link', { name: 'day run' }).waitFor()
  expect(page.url()).toBe(`${visits.world.url}/?q=day`)
})

test.each(mainLooks)('the list of views has no faults at $width px', async (look) => {
  const page = await visits.openPage('/?q=run', look)
  await choose(page, 'Manage views…')
  await page.getByRole('list', { name: 'Views' }).waitFor()
  expect(await findFaults(page, 'manage views')).toEqual([])
})
