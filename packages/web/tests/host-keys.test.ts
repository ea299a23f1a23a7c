/** Keys of hosts on the page of clusters, against a real sshd. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type LabSshd, startSshd } from '../../../lab/start-sshd.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

let visits: Visits
let sshd: LabSshd
let folder: string
let fingerprint: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ph-host-keys-'))
  sshd = await startSshd()
  visits = await startVisits()
  const config = join(folder, 'ssh_config')
  const known = `UserKnownHostsFile "${knownToUser()}"`
  writeFileSync(config, readFileSync(sshd.configPath, 'utf8').replace(/UserKnownHostsFile .*/, known))
  const hosts = [{ name: 'box', host: 'lab', ssh_config_path: config }]
  writeFileSync(join(visits.world.server.dataFolder, 'clusters.yaml'), JSON.stringify({ hosts }))
  fingerprint = printFingerprint(join(sshd.folder, 'host_key.pub'))
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  await sshd.stop()
  rmSync(folder, { recursive: true })
})

const knownToUser = (): string => join(folder, 'known to the user')
const ours = (): string => join(visits.world.server.dataFolder, 'known_hosts')
const printFingerprint = (file: string): string =>
  execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1] ?? ''

/** Has the files of known hosts name another key, and gives its fingerprint. */
function changeKey(...files: string[]): string {
  const key = join(folder, 'other')
  rmSync(key, { force: true })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const words = readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
  for (const file of files) writeFileSync(file, `[127.0.0.1]:${sshd.port} ${words}\n`, { mode: 0o600 })
  return printFingerprint(`${key}.pub`)
}

test('an unknown key is shown with its fingerprint, trusted once an admin confirms it, and then the way leads on', async () => {
  const page = await visits.openPage('/clusters')
  await page.getByRole('button', { name: 'Test the connection to box' }).click()
  const panel = page.getByRole('dialog').getByRole('region', { name: 'Host key' })
  await panel.getByText('The administrator of the host can tell you which key is right.').waitFor()
  await panel.getByText(fingerprint).waitFor()
  await panel.getByRole('button', { name: 'Trust this key' }).click()
  await panel.getByRole('button', { name: 'Cancel' }).click()
  await panel.getByRole('button', { name: 'Trust this key' }).click()
  await panel.getByRole('button', { name: 'Yes, trust it' }).click()
  await page.getByRole('list', { name: 'Steps' }).getByText('A shell answers on').waitFor()
  expect(await panel.count()).toBe(0)
  expect(readFileSync(ours(), 'utf8')).toContain(`[127.0.0.1]:${sshd.port} ssh-ed25519 `)
  const viewer = await visits.openPageAs('viewer', '/clusters')
  await viewer.getByRole('heading', { name: 'Hosts' }).waitFor()
  expect(await viewer.getByRole('button', { name: /Test the connection/ }).count()).toBe(0)
})

test('a key that has changed is told with both fingerprints, and has to be forgotten before another is trusted', async () => {
  const old = changeKey(ours())
  const page = await visits.openPage('/clusters')
  await page.getByRole('button', { name: 'Test the connection to box' }).click()
  const panel = page.getByRole('dialog').getByRole('region', { name: 'Host key' })
  await panel.getByText('lab shows another key than before.').waitFor()
  await panel.getByText(fingerprint).waitFor()
  const known = panel.getByRole('list', { name: 'Known keys' })
  await known.getByText(old).waitFor()
  await known.getByText(`Accepted here: ${ours()}, line 1`).waitFor()
  expect(await panel.getByRole('button', { name: 'Trust this key' }).count()).toBe(0)
  await panel.getByRole('button', { name: 'Forget the old key' }).click()
  await panel.getByRole('button', { name: 'Yes, forget it' }).click()
  await panel.getByRole('button', { name: 'Trust this key' }).waitFor()
  expect(readFileSync(ours(), 'utf8')).toBe('')
})

test.each(mainLooks)(
  'at $width px nothing is cut off, and axe finds nothing serious',
  async (look) => {
    rmSync(ours(), { force: true })
    rmSync(knownToUser(), { force: true })
    const page = await visits.openPage('/clusters', look)
    await page.getByRole('button', { name: 'Test the connection to box' }).click()
    const panel = page.getByRole('dialog').getByRole('region', { name: 'Host key' })
    await panel.getByRole('button', { name: 'Trust this key' }).click()
    await panel.getByRole('button', { name: 'Yes, trust it' }).waitFor()
    expect(await findFaults(page, 'unknown key')).toEqual([])
    changeKey(ours(), knownToUser())
    await page.getByRole('button', { name: 'Test again' }).click()
    await panel.getByText('ssh-keygen -R').waitFor()
    expect(await findFaults(page, 'changed key')).toEqual([])
    rmSync(knownToUser())
  },
  120_000,
)
