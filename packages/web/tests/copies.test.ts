/** Copies of checkpoints in the control room, and what is known of files, as the page shows them. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { Steerable } from './steerable.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

let visits: Visits
let token: string
beforeAll(async () => {
  visits = await startVisits()
  token = (await readFile(join(visits.world.server.dataFolder, 'admin.token'), 'utf8')).trim()
})
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

const bytes = Buffer.from('the weights')
const sha256 = createHash('sha256').update(bytes).digest('hex')
const row = (page: Page, name: string) => page.locator('tr[data-checkpoint]').filter({ hasText: name })
const sheet = (page: Page, name: string) => page.getByRole('dialog', { name, exact: true })

async function call(uid: string, path: string, method = 'GET', body?: Buffer | object): Promise<unknown> {
  const isBytes = Buffer.isBuffer(body)
  const type = isBytes ? 'application/octet-stream' : 'application/json'
  const response = await fetch(`${visits.world.url}/api/jobs/${uid}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
  })
  return response.json()
}

/** Sends the copy that the job was told to send, as the SDK does. */
async function send(job: Steerable, uid: string): Promise<void> {
  const order = await job.take()
  if (order.kind !== 'copy') throw new Error(order.kind)
  const path = `/checkpoints/${order.body.checkpoint}/copy`
  const files = [{ path: 'late.pt', bytes: bytes.length, sha256 }]
  await call(uid, path, 'PUT', { files, isFolder: false, record: {} })
  await call(uid, `${path}/0?offset=0`, 'PUT', bytes)
  await job.carryOut(order)
}

async function start(uid: string): Promise<Steerable> {
  const job = await Steerable.start(visits.world, uid)
  await job.train(20)
  await job.write('early', { kind: 'automatic' })
  await job.write('late', { bytes: bytes.length, sha256 })
  return job
}

test.each(mainLooks)(
  'a checkpoint is copied to the control room, downloaded, and its copy deleted at $width px',
  async (look) => {
    const uid = `copy-${look.width}`
    const job = await start(uid)
    const page = await visits.openPage(`/job/${uid}?tab=checkpoints`, look)
    await row(page, 'late').getByRole('button', { name: 'late' }).click()
    const one = sheet(page, 'late')
    const copy = one.getByRole('region', { name: 'Copy and files' })
    await copy.getByText('only where they were written').waitFor()
    await copy.getByRole('button', { name: 'Copy to the control room' }).click()
    await copy.getByText('waits for the job to send it').waitFor()
    await send(job, uid)
    await copy.getByText('The control room has a copy.').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      copy.getByRole('link', { name: 'Download' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('late')
    expect(await findFaults(page, 'a checkpoint with a copy')).toEqual([])
    await page.keyboard.press('Escape')
    await row(page, 'late').getByText('copied to the control room').waitFor({ state: 'attached' })
    const fates = [{ name: 'late', state: 'missing' as const, at: Date.now(), reason: 'It is not there any more.' }]
    await job.steer({
      fates: [...fates, { name: 'early', state: 'hidden', at: Date.now(), reason: 'Its folder is not there.' }],
    })
    await row(page, 'late').getByText('missing').waitFor()
    await row(page, 'early').getByText('cannot be looked at').waitFor()
    expect(await findFaults(page, 'a list with a copy')).toEqual([])
    await row(page, 'late').getByRole('button', { name: 'late' }).click()
    await one.getByText('going back fetches it').waitFor()
    await one.getByRole('button', { name: 'Roll back …' }).waitFor()
    expect(await findFaults(page, 'a missing checkpoint with a copy')).toEqual([])
    await copy.getByRole('button', { name: 'Delete the copy' }).click()
    await copy.getByRole('button', { name: 'Delete it' }).click()
    await copy.getByText('No copy can be made: it is missing.').waitFor()
  },
)

test('what went wrong stands there, and files of another machine are told as such', async () => {
  const job = await start('copy-fails')
  const page = await visits.openPage('/job/copy-fails?tab=checkpoints')
  await row(page, 'late').getByRole('button', { name: 'late' }).click()
  const copy = sheet(page, 'late').getByRole('region', { name: 'Copy and files' })
  await copy.getByRole('button', { name: 'Copy to the control room' }).click()
  await job.refuse(await job.take(), 'This job is reached by its mailbox only.')
  await copy.getByText('It could not be copied: This job is reached by its mailbox only.').waitFor()
  await copy.getByRole('button', { name: 'Copy again' }).waitFor()
  await copy.getByRole('button', { name: 'Check files now' }).click()
  await page.getByText('«late» lies on node-1, which is not reached from here.').waitFor()
})
