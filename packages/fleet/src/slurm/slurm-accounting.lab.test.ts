/** Against a real Slurm that keeps accounts in a real MariaDB, over a real sshd, as an unprivileged user. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LabSlurm, startSlurm } from '../../../../lab/start-slurm.ts'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { SshLink } from '../ssh/ssh-link.ts'
import { computeAvailability } from './compute-availability.ts'
import { findStart } from './find-start.ts'
import type { AccountedJob } from './parse-accounting.ts'
import { pollJobs, readAccounting } from './poll-jobs.ts'
import { readSlurmAccess, readSlurmFacts } from './slurm-facts.ts'
import { cancelJobs, requeueJobs, submitJob } from './slurm-orders.ts'
import { makeSshRunner, type ScriptRunner } from '../script-runner.ts'

let slurm: LabSlurm
let sshd: LabSshd
let link: SshLink
let runner: ScriptRunner

beforeAll(async () => {
  slurm = await startSlurm({ args: ['--accounting'] })
  sshd = await startSshd({ args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`] })
  link = await SshLink.open({ host: 'lab', configPath: sshd.configPath })
  runner = makeSshRunner(link)
}, 180_000)
afterAll(async () => {
  await link.close()
  await sshd.stop()
  await slurm.stop()
})

async function begin(script: string, options: readonly string[] = []): Promise<string> {
  return (await submitJob(runner, { script, folder: '/tmp', options: ['--output=/dev/null', ...options] })).id
}

async function readState(id: string): Promise<string | undefined> {
  const poll = await pollJobs(runner, [id])
  return poll.isKnown ? poll.jobs[0]?.state : undefined
}

/** Every run of a job, as soon as the last one is told as this. */
async function readRuns(id: string, state: string): Promise<AccountedJob[]> {
  let runs: AccountedJob[] = []
  const look = async (): Promise<string | undefined> => {
    runs = (await readAccounting(runner, [id])) ?? []
    return runs.at(-1)?.state
  }
  await expect.poll(look).toBe(state)
  return runs
}

const sleep = '#!/bin/sh\nexec sleep 600\n'

it('ended jobs are told with their code, and who cancelled them', async () => {
  const failed = await begin('#!/bin/sh\nexit 3\n')
  const cancelled = await begin(sleep)
  await expect.poll(() => readState(cancelled)).toBe('RUNNING')
  await cancelJobs(runner, [cancelled])
  const [run] = await readRuns(failed, 'FAILED')
  expect(run).toMatchObject({ id: failed, exitCode: 3, signal: null, cancelledBy: null })
  expect(Math.abs((run?.endedAt ?? 0) - Date.now())).toBeLessThan(300_000)
  const { stdout } = await promisify(execFile)('id', ['-u', slurm.user])
  expect(await readRuns(cancelled, 'CANCELLED')).toMatchObject([{ cancelledBy: Number(stdout) }])
})

it('a requeued job is told once for each time that it ran', async () => {
  const id = await begin(sleep)
  await expect.poll(() => readState(id)).toBe('RUNNING')
  await requeueJobs(runner, [id])
  await expect.poll(() => readState(id)).toBe('PENDING')
  await cancelJobs(runner, [id])
  expect((await readRuns(id, 'CANCELLED')).map(({ state }) => state)).toEqual(['REQUEUED', 'CANCELLED'])
})

it('accounts of the user decide which partitions they are shown', async () => {
  const access = await readSlurmAccess(runner)
  expect(access).toMatchObject({
    user: slurm.user,
    accounts: [{ account: 'research', partition: null, qos: ['normal'] }],
    enforcesAccounts: true,
  })
  const environment = { ...process.env, SLURM_CONF: slurm.configPath }
  const update = ['update', 'PartitionName=scavenge', 'AllowAccounts=physics']
  await promisify(execFile)('scontrol', update, { env: environment, timeout: 20_000 })
  const facts = await readSlurmFacts(runner)
  const limits = { allowedPartitions: null, gpuTypes: null, access }
  expect(computeAvailability(facts, limits).partitions.map(({ name }) => name)).toEqual(['gpu'])
  expect(findStart(facts, limits, { gpus: 1, partition: 'scavenge' }).never).toEqual([
    { partition: 'scavenge', obstacles: [{ kind: 'account', allowed: ['physics'] }] },
  ])
  const words = { kind: 'refused', said: expect.stringContaining('Invalid account') }
  await expect(begin(sleep, ['--account=physics'])).rejects.toMatchObject(words)
})

it('GPUs that are accounted for are counted by their sum', async () => {
  const id = await begin(sleep, ['--gpus=a100:6', '--nodes=2'])
  const waiting = await begin(sleep, ['--gpus=5'])
  await expect.poll(() => readState(id)).toBe('RUNNING')
  const facts = await readSlurmFacts(runner)
  // As another release of Slurm would tell it: by TRES only.
  const byTres = { ...facts, nodes: facts.nodes.map((node) => ({ ...node, gresUsed: null })) }
  for (const one of [facts, byTres]) {
    const [a100] = computeAvailability(one, { allowedPartitions: null, gpuTypes: null, access: null }).types
    expect(a100).toMatchObject({ type: 'a100', used: 6 })
  }
  expect(facts.queue.find((job) => job.id === waiting)?.gpus).toEqual(new Map([[null, 5]]))
  await cancelJobs(runner, [id, waiting])
})

it('accounting that does not answer is an error, and not «no accounting»', async () => {
  await slurm.end('accounting')
  await expect(readAccounting(runner, ['1'])).rejects.toMatchObject({ kind: 'controller' })
})
