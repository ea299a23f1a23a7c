/** The routes of clusters against a real sshd and the real client. Nothing of it is stored, so one database will do. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterAvailability, ClusterList, ConnectionTest, HostKeyChoice, HostKeys } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { askDatabase } from '../storage/test-database.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

let test: TestServer
let folder: string
let file: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-clusters-'))
  file = join(folder, 'clusters.yaml')
  test = await startTestServer({ clustersFile: file })
})
afterAll(async () => {
  await test.close()
  rmSync(folder, { recursive: true })
})

async function ask<Answer>(path: string, how: { method?: string; role?: 'viewer' | 'admin' } = {}): Promise<Answer> {
  const { method = 'GET', role = 'viewer' } = how
  const { status, json, text } = await test.ask(`/api/clusters${path}`, { method, token: test.tokens[role] })
  expect(status, text).toBe(200)
  return json as Answer // what the route answers with
}
const list = (role: 'viewer' | 'admin' = 'viewer') => ask<ClusterList>('', { role })
const gpus = (name: string) => ask<ClusterAvailability>(`/${name}/gpu-availability`)
const testWay = (name: string) => ask<ConnectionTest>(`/${name}/test-connection`, { method: 'POST', role: 'admin' })
const write = (...clusters: object[]): void => writeFileSync(file, JSON.stringify({ clusters })) // JSON is YAML

describe('clusters.yaml', () => {
  it('may be missing, is taken up when it is written, and its place is for those who may change it', async () => {
    rmSync(file, { force: true })
    expect(await list()).toEqual({ clusters: [], hosts: [], file: { path: null, state: 'missing', faults: [] } })
    expect((await list('admin')).file.path).toBe(file)
    write({ name: 'dgx', host: 'ssh://nobody@127.0.0.1:1' })
    expect(await list()).toMatchObject({ clusters: [{ name: 'dgx', kind: 'slurm' }], file: { state: 'fine' } })
    const { status, json } = await test.ask('/api/clusters/dgy/gpu-availability', { token: test.tokens.viewer })
    expect({ status, json }).toMatchObject({ status: 404, json: { error: { hint: 'There are dgx.' } } })
  })

  it('keeps the clusters of before while it is broken, and says where and how', async () => {
    write({ name: 'dgx', host: 'ssh://nobody@127.0.0.1:1' })
    await list()
    writeFileSync(file, 'clusters:\n  - name: dgx\n    hots: dgx\n')
    const broken = await list()
    expect(broken.clusters.map(({ name }) => name)).toEqual(['dgx'])
    expect(broken.file).toMatchObject({ state: 'broken', faults: [{ line: 2 }, { line: 3, column: 5 }] })
    expect(broken.file.faults[1]?.message).toContain('Did you mean «host»?')
    writeFileSync(file, `clusters: []\n${'#'.repeat(300_000)}`)
    expect((await list()).file.faults[0]?.message).toContain('more than 262144 are not read')
    write({ name: 'other', host: 'local' })
    expect((await list()).clusters.map(({ name }) => name)).toEqual(['other'])
    rmSync(file)
    expect((await list()).clusters).toEqual([])
  })
})

describe('a cluster that cannot be asked', () => {
  let sshd: LabSshd
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())

  /** A configuration of ssh in which something is other than in the lab's. */
  function change(name: string, from: RegExp, to: string): string {
    const path = join(folder, name)
    writeFileSync(path, readFileSync(sshd.configPath, 'utf8').replace(from, to))
    return path
  }

  const outcomes = ({ steps }: ConnectionTest) => steps.map(({ outcome }) => outcome)

  it('is unknown since then, never empty', async () => {
    write({ name: 'away', host: 'ssh://nobody@127.0.0.1:1' })
    const before = Date.now()
    const { status, availability } = await gpus('away')
    expect(availability).toBeNull()
    expect(status).toMatchObject({ state: 'unknown', readAt: null, trouble: { kind: 'refused' } })
    expect(status.unknownSince).toBeGreaterThanOrEqual(before)
    expect(status.nextTryAt).toBeGreaterThan(before + 5_000)
    expect((await list()).clusters[0]).toMatchObject({ state: 'unknown', types: null, trouble: { kind: 'refused' } })
    expect(await ask('/away/start?gpus=1')).toMatchObject({ start: null, status: { state: 'unknown' } })
    expect(await ask('/away/partitions')).toMatchObject({ partitions: null })
    const way = await testWay('away')
    expect(way).toMatchObject({
      ok: false,
      steps: [{ words: '«ssh://nobody@127.0.0.1:1» is nobody@127.0.0.1, port 1.' }, {}, {}, {}, {}, {}],
    })
    expect(outcomes(way)).toEqual(['done', 'failed', 'skipped', 'skipped', 'skipped', 'skipped'])
  })

  it('because its host key is unknown', async () => {
    const known = join(folder, 'nobody-known')
    const config = change('unknown-key', /UserKnownHostsFile .*/, `UserKnownHostsFile "${known}"`)
    write({ name: 'stranger', host: 'lab', ssh_config_path: config })
    expect((await gpus('stranger')).status.trouble).toMatchObject({ kind: 'hostKey' })
    const way = await testWay('stranger')
    expect(outcomes(way)).toEqual(['done', 'done', 'failed', 'skipped', 'skipped', 'skipped'])
    expect(way.steps[2]).toMatchObject({ step: 'hostKey', hint: expect.stringContaining('compare the fingerprint') })
  })

  it('until an admin trusts the key that was shown, and again once it is forgotten', async () => {
    const ours = join(test.server.dataFolder, 'known_hosts')
    const config = change('trusting', /UserKnownHostsFile .*/, `UserKnownHostsFile "${join(folder, 'nobody-known')}"`)
    writeFileSync(file, JSON.stringify({ hosts: [{ name: 'box', host: 'lab', ssh_config_path: config }] }))
    expect((await list()).hosts).toEqual([{ name: 'box', host: 'lab' }])
    const shown = (await testWay('box')).hostKeys
    const [, fingerprint = ''] = execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'host_key.pub')])
      .toString()
      .split(' ')
    const lookup = `[127.0.0.1]:${sshd.port}`
    expect(shown).toMatchObject({ state: 'unknown', lookup, keys: [{ type: 'ED25519', fingerprint }] })
    const tell = async (what: 'trust' | 'forget', body: HostKeyChoice) =>
      (await test.ask(`/api/clusters/box/host-keys/${what}`, { method: 'POST', token: test.tokens.admin, body })).status
    // Another than what the host shows.
    expect(await tell('trust', { lookup, fingerprint: `SHA256:${'A'.repeat(43)}` })).toBe(409)
    expect(await tell('trust', { lookup: 'elsewhere', fingerprint })).toBe(409)
    expect(await tell('trust', { lookup, fingerprint })).toBe(204)
    expect(statSync(ours).mode & 0o777).toBe(0o600)
    const way = await testWay('box')
    expect(way).toMatchObject({ ok: true, hostKeys: null })
    expect(outcomes(way)).toEqual(['done', 'done', 'done', 'done', 'done']) // no Slurm
    // The host is set up anew: its key is another one.
    const next = await startSshd()
    writeFileSync(config, readFileSync(config, 'utf8').replace(`Port ${sshd.port}`, `Port ${next.port}`))
    writeFileSync(ours, readFileSync(ours, 'utf8').replace(`:${sshd.port} `, `:${next.port} `))
    const changed = (await testWay('box')).hostKeys
    const [key] = changed?.keys ?? []
    expect(changed).toMatchObject({ state: 'changed', known: [{ fingerprint, file: ours, line: 1, isOurs: true }] })
    const choice = { lookup: changed?.lookup ?? '', fingerprint: key?.fingerprint ?? '' }
    expect(await tell('trust', choice)).toBe(409)
    expect(await tell('forget', { ...choice, fingerprint })).toBe(204)
    expect(await tell('forget', { ...choice, fingerprint })).toBe(404)
    expect(await ask<HostKeys>('/box/host-keys', { method: 'POST', role: 'admin' })).toMatchObject({ state: 'unknown' })
    expect(await tell('trust', choice)).toBe(204)
    expect(await ask<HostKeys>('/box/host-keys', { method: 'POST', role: 'admin' })).toMatchObject({ state: 'trusted' })
    await next.stop()
    rmSync(ours)
    const listAudit = "select action, subject, detail from audit where action like 'host-keys.%' order by id"
    const audit = await askDatabase({ folder: test.server.dataFolder, databaseUrl: undefined }, listAudit)
    const kept = (action: string, detail: object) => ({ action, subject: 'box', detail: JSON.stringify(detail) })
    expect(audit).toEqual([
      kept('host-keys.trust', { lookup, fingerprint }),
      kept('host-keys.forget', { ...choice, fingerprint }),
      kept('host-keys.trust', choice),
    ])
  })

  it('because it does not let us in, or the key is not there', async () => {
    const key = join(folder, 'other-key')
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
    const config = change('no-key', /IdentityFile .*/, '')
    write(
      { name: 'refuses', host: 'lab', ssh_config_path: config, ssh_key_path: key },
      { name: 'keyless', host: 'lab', ssh_config_path: config, ssh_key_path: join(folder, 'no-such-key') },
    )
    expect((await gpus('refuses')).status.trouble).toMatchObject({ kind: 'authentication' })
    expect(outcomes(await testWay('refuses'))).toEqual(['done', 'done', 'done', 'failed', 'skipped', 'skipped'])
    const { trouble } = (await gpus('keyless')).status
    expect(trouble?.message).toBe(`The key ${join(folder, 'no-such-key')} cannot be read.`)
  })

  it('because the configuration of ssh is wrong', async () => {
    const config = change('bad-config', /Port .*/, 'Prot 22')
    write({ name: 'misspelt', host: 'lab', ssh_config_path: config })
    const way = await testWay('misspelt')
    expect(way.steps[0]).toMatchObject({
      outcome: 'failed',
      words: expect.stringContaining('cannot use its configuration'),
    })
  })
})
