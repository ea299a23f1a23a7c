/** Runs at W&B on the page: what is said of them, and the key that they take. W&B is the stand-in of the lab. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startWandbStandIn, type WandbStandIn } from '../../../lab/wandb-stand-in.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { addMember, Reporter } from './world.ts'

let visits: Visits
let token: string
let standIn: WandbStandIn
beforeAll(async () => {
  standIn = await startWandbStandIn()
  visits = await startVisits()
  token = await addMember(visits.world, 'somebody')
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  await standIn.close()
})

/** A job that reports to W&B alone, and says where. */
async function startJob(uid: string): Promise<void> {
  const at = Date.now() / 1_000 - 300
  const rows = Array.from({ length: 200 }, (_, step) => ({
    _step: step,
    _timestamp: at + step,
    loss: 3 / (step + 1),
    lr: 1e-3,
  }))
  standIn.addRun({ name: uid, rows })
  const job = await Reporter.start(visits.world, uid, { name: 'llama-8b-sft' })
  await job.lines([`wandb: 🚀 View run brisk-field-1 at: ${standIn.url}/lab/demo/runs/${uid}`])
}

test.each(mainLooks)(
  'a key is entered where it is missed, and its metrics come, at $width px',
  async (look) => {
    const uid = `tracked-${look.width}`
    await startJob(uid)
    const page = await visits.openPage(`/job/${uid}`, look)
    const runs = page.getByRole('list', { name: 'Weights & Biases' })
    await runs.getByText('needs a key: its values are read once there is one').waitFor()
    expect(await runs.getByRole('link').getAttribute('href')).toBe(`${standIn.url}/lab/demo/runs/${uid}`)
    await runs.getByRole('button', { name: 'Enter a key' }).click()
    const dialog = page.getByRole('dialog', { name: 'Weights & Biases' })
    expect(await dialog.getByLabel('Server').inputValue()).toBe(standIn.url)
    await dialog.getByLabel('API key').fill('e'.repeat(40))
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByRole('alert').getByText('W&B refused the key (401)').waitFor()
    await dialog.getByLabel('API key').fill(standIn.key)
    await page.keyboard.press('Enter')
    await dialog.getByText('as a-member').waitFor()
    expect(await findFaults(page, 'keys for W&B')).toEqual([])
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
    await runs.getByText(/^running · synced/).waitFor({ timeout: 20_000 })
    await page.locator('[data-chart]').first().waitFor()
    expect(await findFaults(page, 'a run at W&B')).toEqual([])
    await page.getByRole('button', { name: /^Signed in as/ }).click()
    await page.getByRole('menuitem', { name: 'Weights & Biases…' }).click()
    await dialog.getByRole('button', { name: /^Remove the key/ }).click()
    await dialog.getByRole('button', { name: /^Remove the key/ }).waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await runs.getByText('needs a key: its values are read once there is one').waitFor({ timeout: 20_000 })
  },
  120_000,
)

test('who looks at the job of somebody else is told whose key it takes', async () => {
  await startJob('others')
  const page = await visits.openPageAs({ token, role: 'member' }, '/job/others')
  const runs = page.getByRole('list', { name: 'Weights & Biases' })
  await runs.getByText(/^needs a key of /).waitFor({ timeout: 20_000 })
  expect(await runs.getByRole('button').count()).toBe(0)
})
