/** From a real Slurm over a real sshd to what the routes answer. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ClusterAvailability, ClusterPartitions, ClusterStart, ConnectionTest } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type LabSlurm, startSlurm } from '../../../../lab/start-slurm.ts'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

let slurm: LabSlurm
let sshd: LabSshd
let test: TestServer
let folder: string
/** What was read is old at once: the clock of the server goes on by a minute with each question. */
let ahead = 0
const run = promisify(execFile)

beforeAll(async () => {
  slurm = await startSlurm()
  folder = mkdtempSync(join(tmpdir(), 'ph-sshd-'))
  sshd = await startSshd({ folder, args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`, '--noisy'] })
  test = await startTestServer({}, { now: () => Date.now() + ahead })
  const lab = { host: 'lab', ssh_config_path: sshd.configPath }
  const clusters = [
    { name: 'lab', ...lab, gpu_aliases: { A100_80GB: ['a100'] } },
    { name: 'part', ...lab, allowed_partitions: ['gpu', 'gone'], allowed_gpu_types: ['RTX4090', 'h100'] },
    { name: 'here', host: 'local' },
  ]
  writeFileSync(join(test.server.dataFolder, 'clusters.yaml'), JSON.stringify({ clusters }))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await test.close()
  await sshd.stop()
  await slurm.stop()
  rmSync(folder, { recursive: true })
})

async function ask<Answer>(path: string, method = 'GET'): Promise<Answer> {
  ahead += 60_000
  const { status, json, text } = await test.ask(`/api/clusters/${path}`, { method, token: test.tokens.admin })
  expect(status, text).toBe(200)
  return json as Answer // what the route answers with
}
const gpus = (name = 'lab') => ask<ClusterAvailability>(`${name}/gpu-availability?fresh=true`)
const overSsh = async (command: string) => (await run('ssh', ['-F', sshd.configPath, 'lab', command])).stdout
const asAdmin = (...words: string[]) =>
  run('scontrol', words, { env: { ...process.env, SLURM_CONF: slurm.configPath } })
const typeOf = ({ availability }: ClusterAvailability, type: string) =>
  availability?.types.find((row) => row.type === type)

it('the way leads to Slurm, step by step', async () => {
  const way = await ask<ConnectionTest>('lab/test-connection', 'POST')
  expect(way.steps.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'done', 'done', 'done'])
  expect(way.steps.at(-1)?.words).toMatch(/^slurm\S* \d+\.\d+.* answers to «ph-lab»: 4 nodes in 2 partitions\.$/)
})

it('what a job holds is in use, under our names, and where the rest could start is told', async () => {
  expect(typeOf(await gpus(), 'A100_80GB')).toMatchObject({ total: 8, free: 8, gres: ['a100'], freeOnOneNode: 4 })
  const submit = 'cd / && sbatch --parsable --output=/dev/null --gres=gpu:a100:3 --time=60 --wrap "exec sleep 600"'
  const id = /end(\d+)\n/.exec(await overSsh(submit))?.[1] ?? '' // behind a greeting without an end of line
  await expect.poll(async () => (await overSsh(`squeue -h -j ${id} -o %T`)).includes('RUNNING')).toBe(true)
  const seen = await gpus()
  expect(seen.status).toMatchObject({ state: 'known', trouble: null, notices: [] })
  expect(typeOf(seen, 'A100_80GB')).toMatchObject({ total: 8, used: 3, free: 5, freeOnOneNode: 4 })
  expect(typeOf(seen, 'rtx4090')).toMatchObject({ total: 2, free: 2 })
  const start = (wish: string) => ask<ClusterStart>(`lab/start?${wish}`)
  expect((await start('gpus=4&type=A100_80GB&seconds=28800')).start?.now[0]).toMatchObject({
    partition: 'gpu',
    type: 'A100_80GB',
    gres: 'a100',
    nodes: 1,
    gpusPerNode: 4,
  })
  const { start: later } = await start('gpus=8&type=a100&partition=gpu')
  expect(later).toMatchObject({ now: [], later: [{ nodes: 2, gpusPerNode: 4, missing: 3, reasons: ['used'] }] })
  const inMs = (later?.later[0]?.freeBy ?? 0) - Date.now()
  expect([inMs > 50 * 60_000, inMs <= 61 * 60_000], String(inMs)).toEqual([true, true])
  expect((await start('gpus=1&seconds=999999&partition=gpu')).start?.never).toMatchObject([
    { partition: 'gpu', obstacles: [{ kind: 'maxTime', maxSeconds: 172_800 }] },
  ])
  await overSsh(`scancel ${id}`)
  await expect.poll(async () => typeOf(await gpus(), 'A100_80GB')?.free).toBe(8)
})

it('only what the file allows is shown, and names that the cluster does not have are told', async () => {
  const { availability, status } = await gpus('part')
  expect(availability?.types.map(({ type }) => type)).toEqual(['RTX4090'])
  expect(availability?.partitions.map(({ name }) => name)).toEqual(['gpu'])
  expect(status.notices).toEqual([
    'allowed_partitions names «gone»; the cluster has gpu, scavenge.',
    'allowed_gpu_types names «h100»; the cluster has a100, rtx4090. gpu_aliases can tell what it is called there.',
  ])
  const { partitions } = await ask<ClusterPartitions>('part/partitions')
  expect(partitions?.partitions).toMatchObject([{ name: 'gpu', isDefault: true, maxTimeSeconds: 172_800 }])
})

it('a drained node is broken, with the reason', async () => {
  await asAdmin('update', 'nodename=r1', 'state=drain', 'reason=a fan is loud')
  const seen = await gpus()
  expect(typeOf(seen, 'rtx4090')).toMatchObject({ total: 2, free: 0, broken: 2 })
  const node = seen.availability?.nodes.find(({ name }) => name === 'r1')
  expect(node).toMatchObject({ condition: 'broken', reason: expect.stringContaining('a fan is loud') })
  await asAdmin('update', 'nodename=r1', 'state=resume')
})

it('without a controller what was known stays, unknown since then, until it is back', async () => {
  const before = await gpus()
  await slurm.end('controller')
  const seen = await gpus()
  expect(seen.status).toMatchObject({ state: 'unknown', readAt: before.status.readAt, trouble: { kind: 'controller' } })
  expect(seen.status.unknownSince).toBeGreaterThan(before.status.readAt ?? Infinity)
  expect(seen.availability).toEqual(before.availability)
  await slurm.start('controller')
  await expect.poll(async () => (await gpus()).status.state).toBe('known')
})

it('without an sshd it is the same', async () => {
  await gpus()
  await sshd.stop()
  expect((await gpus()).status).toMatchObject({ state: 'unknown', trouble: { kind: 'refused' } })
})

it('Slurm on this machine needs no ssh', async () => {
  vi.stubEnv('SLURM_CONF', slurm.configPath)
  // Nodes have yet to find their controller again.
  await expect.poll(async () => typeOf(await gpus('here'), 'a100')).toMatchObject({ total: 8, free: 8 })
  const way = await ask<ConnectionTest>('here/test-connection', 'POST')
  expect(way.steps.map(({ outcome }) => outcome)).toEqual(['done', 'skipped', 'skipped', 'skipped', 'done', 'done'])
})
