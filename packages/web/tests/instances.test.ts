/** Rented machines as people meet them: a stand-in for the API of a provider, a real server, a real browser. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startVastStandIn, type VastStandIn } from '../../../lab/vast/start-vast-stand-in.ts'
import { makeInstanceRow, makeOfferRow } from '../../../lab/vast/vast-rows.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { readAdminToken } from './world.ts'

let standIn: VastStandIn
let visits: Visits
beforeAll(async () => {
  standIn = await startVastStandIn()
  visits = await startVisits()
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  await standIn.close()
})

const card = (page: Page, name: string) =>
  page
    .getByRole('list', { name: 'Rented machines', exact: true })
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name, exact: true }) })
const toast = (page: Page, words: string | RegExp) => page.getByRole('status').getByText(words)

async function call(path: string, method: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${await readAdminToken(visits.world)}`, 'content-type': 'application/json' }
  const answer = await fetch(visits.world.url + path, { method, headers, body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
  return answer.json()
}

const daysAgo = (days: number): number => Math.floor(Date.now() / 1_000) - days * 86_400

test.each(mainLooks)('an empty page says what it is for and how to begin at $width px', async (look) => {
  const page = await visits.openPage('/instances', look)
  await page.getByRole('heading', { name: 'No rented machines' }).waitFor()
  await page.getByText('pilothouse providers add').waitFor()
  expect(await findFaults(page, 'no machines')).toEqual([])
})

test('an account is added by the page, and its machines are listed', async () => {
  standIn.world.add(makeInstanceRow(1_001, { label: 'llama-box', start_date: daysAgo(2), num_gpus: 4 }))
  standIn.world.add(
    makeInstanceRow(1_002, {
      label: null,
      actual_status: 'exited',
      intended_status: 'stopped',
      start_date: daysAgo(1),
    }),
  )
  standIn.world.add(makeInstanceRow(1_003, { label: 'loads', actual_status: 'loading', gpu_util: null }))
  const page = await visits.openPage('/instances')
  await page.getByRole('button', { name: 'Accounts' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Name').fill('lab')
  await sheet.getByLabel('Another address of its API').fill(standIn.url)
  await sheet.getByRole('button', { name: 'Add account' }).click()
  await sheet.getByRole('alert').getByText('An account needs a key.').waitFor()
  await sheet.getByLabel('Key', { exact: true }).fill(standIn.key)
  await sheet.getByRole('button', { name: 'Add account' }).click()
  await sheet.getByRole('list', { name: 'Accounts' }).getByText('lab').waitFor()
  expect(await page.content()).not.toContain(standIn.key)
  expect(await findFaults(page, 'accounts')).toEqual([])
  await page.keyboard.press('Escape')
  await card(page, 'llama-box').getByText('running').waitFor()
  await card(page, 'llama-box').getByText('4 × RTX 4090').waitFor()
  await card(page, 'llama-box').getByText('(estimate)').waitFor()
  await card(page, 'vast 1002').getByText('stopped').waitFor()
})

test.each(mainLooks)('machines are seen at a glance at $width px, each with its facts', async (look) => {
  const body = { name: 'sft of llama', attempt: { host: 'llama-box' }, state: 'running', totalSteps: 100 }
  await call('/api/jobs/job-rented', 'PUT', body)
  await call('/api/providers/1/check', 'POST')
  standIn.world.logs.set(1_001, 'Epoch 1/3\nloss 2.31\n')
  const page = await visits.openPage('/instances', look)
  await card(page, 'llama-box').getByRole('link', { name: 'sft of llama' }).waitFor()
  expect(await findFaults(page, 'machines')).toEqual([])
  await card(page, 'llama-box').getByRole('link', { name: 'llama-box' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('list', { name: 'Cost by day' }).getByText('estimate').first().waitFor()
  await sheet.getByRole('button', { name: 'Fetch its end' }).click()
  await sheet.getByText('loss 2.31').waitFor()
  expect(await findFaults(page, 'facts of a machine')).toEqual([])
})

test('a machine is stopped with its job, and destroyed only after a word that names it', async () => {
  const page = await visits.openPage('/instances')
  const machine = card(page, 'llama-box')
  // It is ticked once the server has said so.
  await machine.getByLabel('Stop the machine when the job ends').click()
  await expect.poll(async () => machine.getByLabel('Stop the machine when the job ends').isChecked()).toBe(true)
  await machine.getByRole('button', { name: 'Destroy llama-box' }).click()
  const dialog = page.getByRole('dialog', { name: 'Destroy «llama-box»?' })
  await dialog.getByText('The job «sft of llama» on it ends where it is.').waitFor()
  expect(await findFaults(page, 'destroy')).toEqual([])
  await dialog.getByRole('button', { name: 'Let it be' }).click()
  expect(standIn.asked.some(({ method }) => method === 'DELETE')).toBe(false)
  await card(page, 'loads').getByRole('button', { name: 'Destroy loads' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Destroy machine' }).click()
  await toast(page, /loads was told to destroy/).waitFor()
  await card(page, 'loads').getByText('gone').first().waitFor()
})

test('an offer is rented, with its price on the button', async () => {
  standIn.world.offers.set(5, makeOfferRow(5, { dph_total: 0.41 }))
  const page = await visits.openPage('/instances?open=rent', { width: 390, height: 844 })
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('GPU').fill('4090')
  await sheet.getByRole('button', { name: 'Search' }).click()
  await sheet.locator('label').filter({ hasText: 'RTX 4090' }).first().click()
  expect(await sheet.getByRole('radio').first().isChecked()).toBe(true)
  await sheet.getByLabel('Label').fill('fresh')
  expect(await findFaults(page, 'offers')).toEqual([])
  await sheet.getByRole('button', { name: 'Rent for $0.410/h' }).click()
  await toast(page, /is rented. It is billed from now on/).waitFor()
  await card(page, 'fresh').getByText('ordered').waitFor()
})

test('a provider that fails leaves what was seen, and says so; who may not manage is told who may', async () => {
  standIn.fault = { kind: 'answer', status: 500, text: 'oops' }
  await call('/api/providers/1/check', 'POST')
  const page = await visits.openPageAs('viewer', '/instances')
  await card(page, 'llama-box')
    .getByText(/nothing newer is known/)
    .waitFor()
  await page.getByText('An admin rents, stops and destroys machines.').waitFor()
  expect(await page.getByRole('button', { name: /Destroy|Stop|Accounts/ }).count()).toBe(0)
  expect(await findFaults(page, 'trouble')).toEqual([])
  standIn.fault = null
})
