/** A connection that an admin makes on the page, against a real sshd and a key with a passphrase. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type LabSshd, startSshd } from '../../../lab/start-sshd.ts'
import { findFaults } from './find-faults.ts'
import { type Look, mainLooks, startVisits, type Visits } from './visits.ts'

const passphrase = 'correct horse battery staple'
let visits: Visits
let sshd: LabSshd

beforeAll(async () => {
  sshd = await startSshd()
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, '-f', join(sshd.folder, 'user_key')])
  visits = await startVisits()
  const hosts = [{ name: 'box', host: 'lab', ssh_config_path: sshd.configPath }]
  writeFileSync(join(visits.world.server.dataFolder, 'clusters.yaml'), JSON.stringify({ hosts }))
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  await sshd.stop()
})

async function open(look: Look = {}): Promise<Page> {
  const page = await visits.openPage('/clusters', look)
  await page.getByRole('button', { name: 'Test the connection to box' }).click()
  await page.getByRole('button', { name: 'Connect…' }).waitFor()
  return page
}

test('what ssh asks stands on the page, a wrong answer is asked for again, and the way leads on', async () => {
  const page = await open()
  await page.getByText('What ssh asks is asked here then.').waitFor()
  await page.getByRole('button', { name: 'Connect…' }).click()
  const making = page.getByRole('region', { name: 'Connect by hand' })
  await making.getByText(`Enter passphrase for key '${join(sshd.folder, 'user_key')}':`).waitFor()
  const field = making.getByLabel('Answer')
  expect(await field.getAttribute('type')).toBe('password')
  await making.getByRole('button', { name: 'Show what I type' }).click()
  expect(await field.getAttribute('type')).toBe('text')
  await making.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Connect…' }).click()
  await field.fill('wrong')
  await field.press('Enter')
  await making.getByText('What was answered was not taken.').waitFor()
  expect(await field.inputValue()).toBe('')
  await field.fill(passphrase)
  await making.getByRole('button', { name: 'Answer' }).click()
  const steps = page.getByRole('list', { name: 'Steps' })
  await steps.getByText('A shell answers on').waitFor()
  await steps.getByText('Connected by hand since').waitFor()
  expect(await findFaults(page, 'connected by hand')).toEqual([])
  await steps.getByRole('button', { name: 'End it' }).click()
  await page.getByRole('button', { name: 'Connect…' }).waitFor()
})

test.each(mainLooks)(
  'at $width px nothing is cut off, and axe finds nothing serious',
  async (look) => {
    const page = await open(look)
    expect(await findFaults(page, 'not let in')).toEqual([])
    await page.getByRole('button', { name: 'Connect…' }).click()
    const making = page.getByRole('region', { name: 'Connect by hand' })
    await making.getByLabel('Answer').fill('wrong')
    await making.getByRole('button', { name: 'Answer' }).click()
    await making.getByText('What was answered was not taken.').waitFor()
    expect(await findFaults(page, 'a question')).toEqual([])
    await making.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Connect…' }).waitFor()
  },
  120_000,
)
