/** Connections by hand, against a real sshd and a key with a passphrase. Nothing of it is stored, so one database will do. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClusterAvailability, Connection, ConnectionTest } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const passphrase = 'correct horse battery staple'
const patience = { timeout: 30_000, interval: 100 }
let test: TestServer
let sshd: LabSshd
beforeAll(async () => {
  sshd = await startSshd()
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, '-f', join(sshd.folder, 'user_key')])
  test = await startTestServer()
  const way = { host: 'lab', ssh_config_path: sshd.configPath }
  const named = { hosts: [{ name: 'box', ...way }], clusters: [{ name: 'dgx', ...way }] }
  writeFileSync(join(test.server.dataFolder, 'clusters.yaml'), JSON.stringify(named))
})
afterAll(async () => {
  await test.close()
  await sshd.stop()
})

async function ask<Answer>(path: string, method = 'GET', body?: object): Promise<{ status: number; json: Answer }> {
  const { status, json } = await test.ask(`/api/clusters${path}`, { method, token: test.tokens.admin, body })
  return { status, json: json as Answer } // what the route answers with
}
const look = async (name = 'box'): Promise<Connection> => (await ask<Connection>(`/${name}/connection`)).json
const connect = (name = 'box') => ask<Connection>(`/${name}/connection`, 'POST')
const end = (name = 'box') => ask(`/${name}/connection`, 'DELETE')
const answer = (id: number, text: string, name = 'box') =>
  ask<Connection>(`/${name}/connection/answer`, 'POST', { id, answer: text })
const testWay = async (): Promise<ConnectionTest> => (await ask<ConnectionTest>('/box/test-connection', 'POST')).json
async function waitForQuestion(id: number, name = 'box'): Promise<Connection> {
  await expect.poll(async () => (await look(name)).question?.id, patience).toBe(id)
  return look(name)
}
/** Clients of ssh that belong to this sshd. */
const listClients = (): string[] =>
  readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false
    try {
      const line = readFileSync(`/proc/${id}/cmdline`, 'latin1')
      return line.startsWith('ssh\0') && line.includes(sshd.folder)
    } catch {
      return false // it has ended meanwhile
    }
  })

it('what ssh asks is answered by an admin; the connection serves all later work, until it ends', async () => {
  const before = (await testWay()).steps.find(({ outcome }) => outcome === 'failed')
  expect(before).toMatchObject({ step: 'authentication', hint: expect.stringContaining('connect by hand') })
  expect(await look()).toMatchObject({ state: 'none', question: null })
  expect((await connect()).json).toMatchObject({ state: 'connecting', until: expect.any(Number) as number })
  const first = await waitForQuestion(1)
  expect(first).toMatchObject({
    state: 'asking',
    question: {
      text: `Enter passphrase for key '${join(sshd.folder, 'user_key')}': `,
      kind: 'secret',
      isRepeated: false,
    },
  })
  await answer(1, 'wrong')
  expect((await waitForQuestion(2)).question?.isRepeated).toBe(true)
  expect((await answer(1, passphrase)).status).toBe(409)
  expect((await answer(2, 'two\nlines')).status).toBe(400)
  await answer(2, passphrase)
  await expect.poll(async () => (await look()).state, patience).toBe('connected')
  expect(await look()).toMatchObject({
    question: null,
    until: null,
    trouble: null,
    since: expect.any(Number) as number,
  })
  for (const way of [await testWay(), await testWay()]) expect(way).toMatchObject({ ok: true })
  expect((await connect()).json.state).toBe('connected') // once is enough
  expect(listClients()).toHaveLength(1)

  const [client = ''] = listClients()
  process.kill(Number(client))
  await expect.poll(async () => (await look()).state, patience).toBe('ended')
  expect((await testWay()).steps[3]).toMatchObject({
    step: 'authentication',
    outcome: 'failed',
    words: 'The connection to box that was made by hand has ended: it needs you to connect again.',
  })
})

it('a cluster that was unknown is read over it', async () => {
  expect((await ask<ClusterAvailability>('/dgx/gpu-availability')).json.status.trouble?.kind).toBe('authentication')
  await connect('dgx')
  await waitForQuestion(1, 'dgx')
  await answer(1, passphrase, 'dgx')
  await expect.poll(async () => (await look('dgx')).state, patience).toBe('connected')
  // There is no Slurm over there, which shows that somebody has been let in.
  const kind = async () =>
    (await ask<ClusterAvailability>('/dgx/gpu-availability?fresh=true')).json.status.trouble?.kind
  await expect.poll(kind, patience).not.toBe('authentication')
  expect((await end('dgx')).status).toBe(204)
  expect(await look('dgx')).toMatchObject({ state: 'none' })
})

it('it is given up when somebody says so, or answers wrong to the end', async () => {
  await end()
  await connect()
  await waitForQuestion(1)
  await end()
  expect(await look()).toMatchObject({ state: 'none', question: null })
  expect(listClients()).toEqual([])
  await connect()
  for (const id of [1, 2, 3]) {
    await waitForQuestion(id)
    await answer(id, 'wrong')
  }
  await expect.poll(async () => (await look()).state, patience).toBe('failed')
  expect(await look()).toMatchObject({ trouble: { kind: 'authentication' }, until: null })
})

it('no answer is left in the data folder', () => {
  const files = readdirSync(test.server.dataFolder, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  )
  expect(files.length).toBeGreaterThan(3)
  for (const { parentPath, name } of files)
    expect(readFileSync(join(parentPath, name)).includes(passphrase), name).toBe(false)
})
