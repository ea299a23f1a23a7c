/** Changes that an admin has to approve, as the member sees them who proposes, and the admin who decides. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { Steerable } from './steerable.ts'
import { mainLooks, startVisits, type Look, type Visits } from './visits.ts'

let visits: Visits
beforeAll(async () => {
  visits = await startVisits()
  const page = await visits.openPage('/system')
  await page.getByRole('button', { name: 'Change approval' }).click()
  await page.getByLabel('Another project (optional)').fill('careful')
  await page.keyboard.press('Enter')
  await page.getByText('In the project careful what members change').waitFor()
  await visits.leave()
})
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

const row = (page: Page, key: string) => page.locator(`[data-parameter="${key}"]`)
const value = (page: Page, key: string) => page.locator(`[data-value="${key}"]`)
const item = (page: Page, words: string) =>
  page.getByRole('list', { name: 'Proposals' }).getByRole('listitem').filter({ hasText: words })

async function start(uid: string): Promise<Steerable> {
  const job = await Steerable.start(visits.world, uid, { project: 'careful' })
  await job.train(40)
  return job
}

/** The page of a member who sees the parameters of a job. */
async function openAsMember(uid: string, look: Look = {}): Promise<Page> {
  const page = await visits.openPageAs('member', `/job/${uid}?tab=parameters`, look)
  await page.getByText('In the project careful an admin approves changes').waitFor()
  return page
}

async function openAsAdmin(uid: string, look: Look = {}): Promise<Page> {
  const page = await visits.openPage(`/job/${uid}?tab=parameters`, look)
  await row(page, 'lr').waitFor()
  return page
}

async function propose(page: Page, text: string, note = ''): Promise<void> {
  await page.getByLabel('lr', { exact: true }).fill(text)
  await page.getByRole('button', { name: 'Review and propose' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('An admin has to approve it. Until then the job knows nothing of it.').waitFor()
  await dialog.getByLabel('Note (optional)').fill(note)
  await dialog.getByRole('button', { name: 'Propose the change' }).click()
  await dialog.waitFor({ state: 'detached' })
}

/** The same by a call. */
async function ask(page: Page, uid: string): Promise<void> {
  const answer = await page.request.put(`${visits.world.url}/api/jobs/${uid}/parameters/lr`, {
    data: { value: 0.001, note: 'the loss jumps' },
    headers: { origin: visits.world.url },
  })
  expect(answer.status()).toBe(202)
}

async function approve(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Approve and send' }).click()
  await dialog.waitFor({ state: 'detached' })
}

test.each(mainLooks)(
  'a member proposes, an admin approves, and the member sees it applied, at $width px',
  async (look) => {
    const uid = `ask-${look.width}`
    const job = await start(uid)
    const member = await openAsMember(uid, look)
    const admin = await visits.openPage(`/job/${uid}`, look)
    await admin.getByRole('heading', { name: uid }).waitFor()
    await propose(member, '0.001', 'the loss jumps')
    await member.getByText('The change is proposed. An admin has to approve it.').waitFor()
    await item(member, 'lr').getByText('«the loss jumps»').waitFor()
    await row(member, 'lr').getByText('waits for an admin').waitFor()
    expect(await member.getByRole('button', { name: /^Approve/ }).count()).toBe(0)

    // Whoever may approve sees on every tab that something waits.
    await admin.getByRole('link', { name: 'Parameters 1 waits for an admin' }).waitFor()
    await admin.getByText('A change waits for an admin’s approval').waitFor()
    await admin.getByRole('link', { name: 'Look at it' }).click()
    await admin.getByRole('heading', { name: 'For you to approve 1' }).waitFor()
    await item(admin, 'lr').getByRole('button', { name: 'Approve the change of lr to 0.001' }).click()
    await approve(admin)
    await job.carryOut(await job.take())

    await row(member, 'lr').getByText('applied at step 40').waitFor()
    await row(member, 'lr').getByText('approved by').waitFor()
    await expect.poll(async () => value(member, 'lr').innerText()).toBe('0.001')
    await expect.poll(async () => member.getByRole('list', { name: 'Proposals' }).count()).toBe(0)
    expect(await member.getByRole('link', { name: 'Parameters', exact: true }).count()).toBe(1)
    const list = look.width < 640 ? member.getByRole('list', { name: 'Changes' }) : member.locator('tr[data-change]')
    await list
      .first()
      .getByText(/approved by/)
      .first()
      .waitFor()
  },
)

test.each(mainLooks)('a proposal has no faults for a member at $width px', async (look) => {
  const uid = `ask-look-${look.width}`
  await start(uid)
  const member = await openAsMember(uid, look)
  await ask(member, uid)
  await item(member, 'lr')
    .getByRole('button', { name: /^Withdraw/ })
    .waitFor()
  expect(await findFaults(member, 'a proposal of a member')).toEqual([])
})

test.each(mainLooks)('deciding a proposal has no faults at $width px', async (look) => {
  const uid = `ask-decide-${look.width}`
  await start(uid)
  await ask(await visits.openPageAs('member', '/alerts'), uid)
  const admin = await openAsAdmin(uid, look)
  await item(admin, 'lr')
    .getByRole('button', { name: /^Approve/ })
    .click()
  await admin.getByRole('dialog').getByText('now it is 3e-4').waitFor()
  expect(await findFaults(admin, 'approving')).toEqual([])
  await admin.keyboard.press('Escape')
  await item(admin, 'lr')
    .getByRole('button', { name: /^Decline/ })
    .click()
  await admin.getByLabel('Reason (optional)').waitFor()
  expect(await findFaults(admin, 'declining')).toEqual([])
})

test('what is declined says why in the row of its parameter, and is gone from what waits', async () => {
  await start('ask-1')
  const [member, admin] = [await openAsMember('ask-1'), await openAsAdmin('ask-1')]
  await propose(member, '0.001')
  await item(admin, 'lr').getByRole('button', { name: 'Decline the change of lr to 0.001' }).click()
  await admin.getByLabel('Reason (optional)').fill('Wait for the evaluation.')
  await admin.keyboard.press('Enter')
  await row(member, 'lr').getByText('Wait for the evaluation.').waitFor()
  await row(member, 'lr').getByText('→ 0.001 declined by').waitFor()
  await expect.poll(async () => member.getByRole('list', { name: 'Proposals' }).count()).toBe(0)
  expect(await value(member, 'lr').innerText()).toBe('3e-4')
})

test('an admin is told what has happened to the parameter since, and has to want the change still', async () => {
  const job = await start('ask-2')
  const [member, admin] = [await openAsMember('ask-2'), await openAsAdmin('ask-2')]
  await propose(member, '0.001')
  await item(admin, 'lr').waitFor()
  await admin.getByLabel('lr', { exact: true }).fill('0.05')
  await admin.getByRole('button', { name: 'Review and send' }).click()
  await admin.getByRole('button', { name: 'Send the change' }).click()
  await job.carryOut(await job.take())
  await item(admin, 'lr')
    .getByText(/Since it was proposed: .* has changed it: it is 0\.05 now\./)
    .waitFor()
  await item(admin, 'lr')
    .getByRole('button', { name: /^Approve/ })
    .click()
  const dialog = admin.getByRole('dialog')
  await dialog.getByText('Since it was proposed:').waitFor()
  expect(await dialog.getByRole('button', { name: 'Approve and send' }).isDisabled()).toBe(true)
  await dialog.getByRole('button', { name: 'Still approve it' }).click()
  await approve(admin)
  await job.carryOut(await job.take())
  await expect.poll(async () => value(member, 'lr').innerText()).toBe('0.001')
})

test('what a member takes back leaves the admin who is about to approve it', async () => {
  await start('ask-3')
  const [member, admin] = [await openAsMember('ask-3'), await openAsAdmin('ask-3')]
  await propose(member, '0.001')
  await item(admin, 'lr')
    .getByRole('button', { name: /^Approve/ })
    .click()
  await admin.getByRole('dialog').getByText('now it is 3e-4').waitFor()
  await item(member, 'lr').getByRole('button', { name: 'Withdraw the change of lr to 0.001' }).click()
  await member.getByText('The proposal is withdrawn.').waitFor()
  await admin.getByRole('dialog').waitFor({ state: 'detached' })
  await expect.poll(async () => admin.getByRole('list', { name: 'Proposals' }).count()).toBe(0)
  expect(await value(admin, 'lr').innerText()).toBe('3e-4')
})

test('presets and schedules are proposed as well', async () => {
  const job = await start('ask-4')
  const [member, admin] = [await openAsMember('ask-4'), await openAsAdmin('ask-4')]
  await admin.request.post(`${visits.world.url}/api/presets`, {
    data: { name: 'calm', project: 'careful', values: { lr: 1e-5, dropout: 0.2 } },
    headers: { origin: visits.world.url },
  })
  await member.getByRole('button', { name: 'Presets' }).click()
  await member.getByRole('menuitem', { name: 'calm' }).click()
  await member.getByRole('dialog').getByRole('button', { name: 'Propose 2 changes' }).click()
  await member.getByText('2 changes are proposed. An admin has to approve them.').waitFor()
  await member.getByRole('button', { name: 'Add a schedule of batch' }).click()
  await member.getByLabel('To, samples', { exact: true }).fill('64')
  await member.getByRole('button', { name: 'Propose the schedule' }).click()
  await expect.poll(async () => admin.getByRole('list', { name: 'Proposals' }).getByRole('listitem').count()).toBe(3)
  await item(admin, 'Schedule').getByRole('button', { name: 'Approve the schedule of batch' }).click()
  await approve(admin)
  await job.carryOut(await job.take())
  await row(member, 'batch').getByText('Moved by a schedule: batch').waitFor()
  await item(admin, 'dropout').getByText('«Preset «calm»»').waitFor()
})

test('who only looks sees what waits; with the job the proposals end', async () => {
  const job = await start('ask-5')
  const member = await openAsMember('ask-5')
  await propose(member, '0.001')
  const viewer = await visits.openPageAs('viewer', '/job/ask-5?tab=parameters')
  await item(viewer, 'lr').waitFor()
  expect(await item(viewer, 'lr').getByRole('button').count()).toBe(0)
  await job.reporter.finish()
  await member.getByText('Nothing can be changed. The job has ended').waitFor()
  await expect.poll(async () => item(member, 'lr').count(), { timeout: 10_000 }).toBe(0)
})

test.each(mainLooks)('approval is set by an admin without faults at $width px', async (look) => {
  const page = await visits.openPage('/system', look)
  const panel = page.getByRole('region', { name: 'Approval' })
  await panel.getByRole('button', { name: 'Change approval' }).click()
  const dialog = page.getByRole('dialog', { name: 'Approval of changes' })
  expect(await dialog.getByLabel('careful').isChecked()).toBe(true)
  expect(await findFaults(page, 'approval')).toEqual([])
  await dialog.getByText('All projects', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await panel.getByText('In all projects what members change').waitFor()
  await panel.getByRole('button', { name: 'Change approval' }).click()
  await dialog.getByText('All projects', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await panel.getByText('In the project careful what members change').waitFor()
})
