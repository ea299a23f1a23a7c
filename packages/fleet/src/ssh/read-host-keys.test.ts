/** Against a real sshd and the real client. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { execFileSync } from 'node:child_process'
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { addKnownKey, type HostKey, removeKnownKey } from './known-hosts.ts'
import { type HostKeyReport, readHostKeys } from './read-host-keys.ts'
import { SshLink } from './ssh-link.ts'

let sshd: LabSshd
let jump: LabSshd
let folder: string
let ours: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ph-host-keys-'))
  ours = join(mkdtempSync(join(folder, 'of us ["*')), 'known_hosts')
  sshd = await startSshd()
  jump = await startSshd()
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', join(folder, 'rsa')])
})
afterAll(async () => {
  await sshd.stop()
  await jump.stop()
  rmSync(folder, { recursive: true })
})

/** The configuration of the lab, in which something is other; nothing is accepted here yet. */
function change(name: string, edit: (text: string) => string): string {
  rmSync(ours, { force: true })
  const path = join(folder, name)
  writeFileSync(path, edit(readFileSync(sshd.configPath, 'utf8')))
  return path
}
const knowing = (file: string) => (text: string) =>
  text.replace(/UserKnownHostsFile .*/, `UserKnownHostsFile "${file}"`)
const nothing = (): string => join(folder, 'nobody-known')
/** As ssh-keygen prints it. */
const fingerprint = (file: string): string =>
  execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1] ?? ''
const fingerprintOf = ({ folder }: LabSshd): string => fingerprint(join(folder, 'host_key.pub'))
const look = (configPath: string) => readHostKeys({ host: 'lab', configPath, knownHostsPath: ours })
async function accept({ lookup, keys: [key] }: HostKeyReport): Promise<HostKey> {
  if (!key) throw new Error('The host shows no key.')
  await addKnownKey(ours, lookup, key)
  return key
}
const open = (configPath: string) => SshLink.open({ host: 'lab', configPath, knownHostsPath: ours })

it('an unknown key is told as ssh-keygen prints it, accepted in a file of our own, and forgotten', async () => {
  const configPath = change('unknown', knowing(nothing()))
  const report = await look(configPath)
  expect(report).toMatchObject({
    state: 'unknown',
    host: 'lab',
    isJump: false,
    lookup: `[127.0.0.1]:${sshd.port}`,
    keys: [{ type: 'ED25519', fingerprint: fingerprintOf(sshd) }],
    known: [],
  })
  await expect(open(configPath)).rejects.toMatchObject({ kind: 'hostKey' })
  const { fingerprint: accepted } = await accept(report)
  expect(statSync(ours).mode & 0o777).toBe(0o600)
  const link = await open(configPath)
  expect((await link.run('echo in', { timeoutMs: 20_000, outputBytesMax: 1000 })).toString()).toBe('in\n')
  await link.close()
  expect(await look(configPath)).toMatchObject({ state: 'trusted', known: [{ file: ours, line: 1, mark: null }] })
  expect(await removeKnownKey(ours, report.lookup, 'SHA256:other')).toBe(false)
  expect(await removeKnownKey(ours, report.lookup, accepted)).toBe(true)
  expect(readFileSync(ours, 'utf8')).toBe('')
  await expect(open(configPath)).rejects.toMatchObject({ kind: 'hostKey' })
})

it('what the user knows counts, hashed as well', async () => {
  const known = join(folder, 'hashed')
  copyFileSync(join(sshd.folder, 'known_hosts'), known)
  execFileSync('ssh-keygen', ['-q', '-H', '-f', known], { stdio: 'ignore' })
  expect(readFileSync(known, 'utf8')).toMatch(/^\|1\|/)
  const configPath = change('hashed-config', knowing(known))
  writeFileSync(ours, '')
  expect(await look(configPath)).toMatchObject({ state: 'trusted', known: [{ file: known, line: 1 }] })
  await (await open(configPath)).close()
})

it('an alias is what is looked up', async () => {
  const configPath = change('alias', (text) => `${knowing(nothing())(text)}  HostKeyAlias gpu-box\n`)
  const report = await look(configPath)
  expect(report.lookup).toBe('gpu-box')
  await accept(report)
  await (await open(configPath)).close()
})

it('another key than the known one has changed, with the place of the old one; a revoked one, too', async () => {
  const known = join(folder, 'changed')
  const other = fingerprintOf(jump)
  const place = `[127.0.0.1]:${sshd.port}`
  const write = (pub: string, mark = ''): void =>
    writeFileSync(known, `# mine\n${mark}${place} ${readFileSync(pub, 'utf8').split(' ').slice(0, 2).join(' ')}\n`)
  const configPath = change('changed-config', knowing(known))
  write(join(jump.folder, 'host_key.pub'))
  expect(await look(configPath)).toMatchObject({
    state: 'changed',
    keys: [{ fingerprint: fingerprintOf(sshd) }],
    known: [{ fingerprint: other, file: known, line: 2 }],
  })
  // One of another kind was expected: whoever stands in between may have no better one.
  write(join(folder, 'rsa.pub'))
  expect(await look(configPath)).toMatchObject({ state: 'changed', known: [{ type: 'RSA' }] })
  write(join(sshd.folder, 'host_key.pub'), '@revoked ')
  expect(await look(configPath)).toMatchObject({ state: 'changed', known: [{ mark: 'revoked' }] })
})

it('hosts on the way come first, and what was accepted of them holds for the way', async () => {
  const configPath = change('way-config', (text) =>
    [
      `${knowing(nothing())(text)}  ProxyJump middle`,
      knowing(nothing())(readFileSync(jump.configPath, 'utf8')).replace('Host lab', 'Host middle'),
    ].join('\n'),
  )
  const first = await look(configPath)
  expect(first).toMatchObject({ state: 'unknown', host: 'middle', isJump: true, lookup: `[127.0.0.1]:${jump.port}` })
  expect(first.keys[0]?.fingerprint).toBe(fingerprintOf(jump))
  await accept(first)
  const second = await look(configPath)
  expect(second).toMatchObject({ state: 'unknown', host: 'lab', isJump: false, lookup: `[127.0.0.1]:${sshd.port}` })
  await accept(second)
  expect(await look(configPath)).toMatchObject({ state: 'trusted', host: 'lab' })
  const link = await open(configPath)
  expect((await link.run('echo there', { timeoutMs: 20_000, outputBytesMax: 1000 })).toString()).toBe('there\n')
  await link.close()
})

it('says what keeps it from looking', async () => {
  const configPath = change('shut', (text) => text.replace(/Port .*/, 'Port 1'))
  await expect(look(configPath)).rejects.toMatchObject({ kind: 'refused' })
  appendFileSync(configPath, 'NoSuchOption yes\n')
  writeFileSync(ours, '')
  await expect(open(configPath)).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining(configPath) })
})
