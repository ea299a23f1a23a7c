/** Against a real Slurm, over a real sshd, as an unprivileged user. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GpuAvailability } from '@pilothouse/contract'
import { type LabSlurm, startSlurm } from '../../../../lab/start-slurm.ts'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { SshLink } from '../ssh/ssh-link.ts'
import { computeAvailability } from './compute-availability.ts'
import { findStart } from './find-start.ts'
import type { QueuedJob } from './parse-queue.ts'
import { pollJobs, readAccounting } from './poll-jobs.ts'
import { readSlurmAccess, readSlurmFacts } from './slurm-facts.ts'
import type { SlurmLimits } from './slurm-limits.ts'
import {
  cancelJobs,
  expectStart,
  findJobsByComment,
  holdJobs,
  releaseJobs,
  requeueJobs,
  signalJobs,
  submitJob,
} from './slurm-orders.ts'
import { makeLocalRunner, makeSshRunner, type ScriptRunner } from '../script-runner.ts'

let slurm: LabSlurm
let sshd: LabSshd
let link: SshLink
let runner: ScriptRunner
let home: string

beforeAll(async () => {
  slurm = await startSlurm()
  sshd = await startSshd({ args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`] })
  link = await SshLink.open({ host: 'lab', configPath: sshd.configPath })
  runner = makeSshRunner(link)
  home = join(sshd.folder, 'home')
})
afterAll(async () => {
  await link.close()
  await sshd.stop()
  await slurm.stop()
})

const noLimits: SlurmLimits = { allowedPartitions: null, gpuTypes: null, access: null }
const sleep = '#!/bin/sh\nexec sleep 600\n'

/** Submits a job that goes on until it is cancelled. */
async function begin(options: readonly string[], script = sleep): Promise<string> {
  return (await submitJob(runner, { script, folder: home, options: ['--output=%j.out', ...options] })).id
}

async function look(id: string): Promise<QueuedJob | undefined> {
  const poll = await pollJobs(runner, [id])
  if (!poll.isKnown) throw poll.error
  return poll.jobs.at(0)
}

const seeState = (id: string, state: string): Promise<void> =>
  expect.poll(async () => (await look(id))?.state).toBe(state)

/** Cancels jobs and waits until nothing of them runs any more. */
async function clear(...ids: string[]): Promise<void> {
  expect(await cancelJobs(runner, ids)).toEqual(ids.map((id) => ({ id, error: null })))
  for (const id of ids) await expect.poll(async () => (await look(id))?.state).toMatch(/^(CANCELLED|COMPLETED)$/)
}

/** As the cluster's admin. */
async function administer(...words: string[]): Promise<void> {
  await promisify(execFile)('scontrol', words, {
    env: { ...process.env, SLURM_CONF: slurm.configPath },
    timeout: 20_000,
  })
}

const see = async (): Promise<GpuAvailability> => computeAvailability(await readSlurmFacts(runner), noLimits)
const row = (all: GpuAvailability, type: string): GpuAvailability['types'][number] | undefined =>
  all.types.find((one) => one.type === type)

describe('facts', () => {
  it('tell who we are, and what the cluster is', async () => {
    expect(await readSlurmAccess(runner)).toMatchObject({
      user: slurm.user,
      version: expect.stringContaining('slurm'),
      accounts: null,
      enforcesAccounts: false,
    })
  })

  it('of an idle cluster: everything is free', async () => {
    const all = await see()
    expect(all.types.map(({ type, total, free }) => [type, total, free])).toEqual([
      ['a100', 8, 8],
      ['rtx4090', 2, 2],
    ])
    expect(
      all.partitions.map(({ name, isDefault, maxTimeSeconds, isPreemptible }) => [
        name,
        isDefault,
        maxTimeSeconds,
        isPreemptible,
      ]),
    ).toEqual([
      ['gpu', true, 172_800, false],
      ['scavenge', false, 172_800, true],
    ])
    expect(all.nodes.map(({ name, condition, features }) => [name, condition, features])).toEqual([
      ['a1', 'open', ['a100', 'nvlink']],
      ['a2', 'open', ['a100']],
      ['c1', 'open', []],
      ['r1', 'open', ['rtx']],
    ])
  })

  it('while jobs run: in use, asked for, broken', async () => {
    const running = await begin(['--gres=gpu:a100:4'])
    await seeState(running, 'RUNNING')
    const waiting = await begin(['--nodes=2', '--gres=gpu:a100:4'])
    const held = await begin(['--gpus=a100:2', '--hold'])
    await expect.poll(async () => (await look(waiting))?.reason).toBe('Resources')
    await administer('update', 'NodeName=r1', 'State=DRAIN', 'Reason=bad fan, State=IDLE')
    const all = await see()
    // Slurm may plan the other node for the job that waits: then nobody else can have it.
    expect(row(all, 'a100')).toMatchObject({ total: 8, used: 4, broken: 0, stranded: 0 })
    expect((row(all, 'a100')?.free ?? 0) + (row(all, 'a100')?.held ?? 0)).toBe(4)
    expect(row(all, 'a100')).toMatchObject({ waiting: { jobs: 1, gpus: 8 }, notYet: { jobs: 1, gpus: 2 } })
    expect(row(all, 'rtx4090')).toMatchObject({ total: 2, free: 0, broken: 2 })
    const r1 = all.nodes.find(({ name }) => name === 'r1')
    expect(r1).toMatchObject({ state: 'IDLE+DRAIN', canStart: false, condition: 'broken' })
    expect(r1?.reason).toContain('bad fan, State=IDLE [')
    const answer = findStart(await readSlurmFacts(runner), noLimits, { gpus: 2, type: 'rtx4090' })
    expect(answer.later[0]).toMatchObject({ missing: 2, reasons: ['broken'], on: ['r1'] })
    await administer('update', 'NodeName=r1', 'State=RESUME')
    await clear(waiting, held, running)
    await expect.poll(async () => row(await see(), 'a100')?.free).toBe(8)
  })

  it('of a GPU of which shards are given away: it is in use', async () => {
    const id = await begin(['--gres=shard:3'])
    await seeState(id, 'RUNNING')
    expect(row(await see(), 'rtx4090')).toMatchObject({ total: 2, used: 1, free: 1 })
    await clear(id)
    await expect.poll(async () => row(await see(), 'rtx4090')?.free).toBe(2)
  })

  it('come from this machine, too', async () => {
    const here = makeLocalRunner({ ...process.env, SLURM_CONF: slurm.configPath })
    expect(computeAvailability(await readSlurmFacts(here), noLimits).nodes).toHaveLength(4)
  })
})

describe('a job', () => {
  it('runs in its folder with the GPUs that it asked for, and is seen to end', async () => {
    const script =
      '#!/bin/sh\necho "$CUDA_VISIBLE_DEVICES|$PWD|$SLURM_JOB_NAME|$(id -un)|$LC_ALL$SLURM_TIME_FORMAT" > said\nexit 3\n'
    const name = `a'b "c" $(touch ${home}/fell)|; *`
    const id = await begin(['--gres=gpu:rtx4090:2', `--job-name=${name}`, '--comment=pilothouse:one'], script)
    await seeState(id, 'FAILED')
    expect(await look(id)).toMatchObject({
      exitCode: 3,
      exitSignal: null,
      nodeList: 'r1',
      gpus: new Map([['rtx4090', 2]]),
      restarts: 0,
    })
    expect((await look(id))?.endedAt).toBeGreaterThan(Date.now() - 600_000)
    expect(readFileSync(join(home, 'said'), 'utf8')).toBe(`0,1|${home}|${name}|${slurm.user}|\n`)
    expect(existsSync(join(home, 'fell'))).toBe(false)
    expect(await findJobsByComment(runner, 'pilothouse:one')).toEqual([id])
    expect(await findJobsByComment(runner, 'pilothouse:two')).toEqual([])
    expect(await readAccounting(runner, [id])).toBeNull()
  })

  it.each([
    ['a partition that is not there', ['--partition=nowhere'], 'Invalid partition name specified'],
    ['a type that is not there', ['--gres=gpu:h100:1'], 'Requested node configuration is not available'],
    ['more GPUs than a node has', ['--gres=gpu:a100:5'], 'Requested node configuration is not available'],
  ])('is refused in Slurm’s words: %s', async (_, options, words) => {
    const refusal = { kind: 'refused', said: expect.stringContaining(words) }
    await expect(begin(options)).rejects.toMatchObject(refusal)
    await expect(expectStart(runner, { script: sleep, options })).rejects.toMatchObject({ kind: 'refused' })
  })

  it('is expected to start where there is room, and later where there is none', async () => {
    const soon = await expectStart(runner, { script: sleep, options: ['--gres=gpu:rtx4090:1'] })
    expect(soon).toMatchObject({ nodes: ['r1'], partition: 'gpu' })
    expect(Math.abs((soon.startAt ?? 0) - Date.now())).toBeLessThan(300_000)
    const id = await begin(['--gres=gpu:rtx4090:2', '--time=5:00:00'])
    await seeState(id, 'RUNNING')
    const late = await expectStart(runner, { script: sleep, options: ['--gres=gpu:rtx4090:1'] })
    expect((late.startAt ?? 0) - Date.now()).toBeGreaterThan(4 * 3_600_000)
    await clear(id)
  })

  it('is held, released, signalled and requeued', async () => {
    const script = `#!/bin/sh\ntrap 'echo heard > heard' USR1\necho up > "up-$SLURM_RESTART_COUNT"\nwhile :; do sleep 0.1; done\n`
    const id = await begin(['--hold'], script)
    expect(await look(id)).toMatchObject({ state: 'PENDING', reason: 'JobHeldUser' })
    expect(await releaseJobs(runner, [id])).toEqual([{ id, error: null }])
    await expect.poll(() => existsSync(join(home, 'up-'))).toBe(true)
    expect(await signalJobs(runner, [id], { signalName: 'USR1', reach: 'batch' })).toEqual([{ id, error: null }])
    await expect.poll(() => existsSync(join(home, 'heard'))).toBe(true)
    expect(await requeueJobs(runner, [id])).toEqual([{ id, error: null }])
    await expect.poll(async () => (await look(id))?.restarts).toBe(1)
    expect(await holdJobs(runner, [id])).toEqual([{ id, error: null }])
    await clear(id)
    const [outcome] = await requeueJobs(runner, ['999999'])
    expect(outcome?.error).toMatchObject({ kind: 'unknownJob' })
  })

  it('waits again when a partition of higher rank needs its room', async () => {
    const low = await begin(['--partition=scavenge', '--nodelist=a1', '--gres=gpu:a100:4', '--requeue'])
    await seeState(low, 'RUNNING')
    const high = await begin(['--nodelist=a1', '--gres=gpu:a100:4'])
    await seeState(high, 'RUNNING')
    await expect.poll(() => look(low)).toMatchObject({ state: 'PENDING', restarts: 1 })
    await clear(low, high)
  })
})

describe('many jobs at once', () => {
  it('are asked for together; ids that Slurm drops in silence are named', async () => {
    const array = await begin(['--array=0-3%1'])
    const other = await begin(['--hold'])
    await expect.poll(async () => (await look(`${array}_0`))?.state).toBe('RUNNING')
    const poll = await pollJobs(runner, ['999998', array, `${array}_3`, `${array}_9`, other])
    expect(poll).toMatchObject({ isKnown: true, missing: ['999998', `${array}_9`] })
    const ids = poll.isKnown ? poll.jobs.map(({ id }) => id).toSorted() : []
    expect(ids).toEqual([...[0, 1, 2, 3].map((at) => `${array}_${at}`), other].toSorted())
    await clear(array, other)
  })

  it('of a large array, each element is told of by itself', async () => {
    const elements = Array.from({ length: 60 }, (_, at) => at * at).filter((at) => at <= 1_000)
    const id = await begin([`--array=${elements.join(',')}`, '--hold'])
    const poll = await pollJobs(runner, [id])
    const pending = poll.isKnown ? poll.jobs.filter(({ state }) => state === 'PENDING').map((job) => job.id) : []
    expect(pending.toSorted()).toEqual(elements.map((at) => `${id}_${at}`).toSorted())
    expect(await pollJobs(runner, [`${id}_900`, `${id}_901`])).toMatchObject({ missing: [`${id}_901`] })
    await clear(id)
  })

  it('one that is not known is missing, and no error', async () => {
    expect(await pollJobs(runner, ['999998'])).toEqual({ isKnown: true, jobs: [], missing: ['999998'] })
    expect(await pollJobs(runner, ['999998', '999997'])).toMatchObject({ isKnown: true, missing: ['999998', '999997'] })
    expect(await cancelJobs(runner, ['999998'])).toEqual([{ id: '999998', error: null }])
  })
})

describe('without an answer', () => {
  it('of a controller that hangs: not known, within the time that was given', async () => {
    const id = await begin([])
    await seeState(id, 'RUNNING')
    await slurm.freeze('controller')
    const beganAt = performance.now()
    const poll = await pollJobs(runner, [id], { seconds: 2 })
    const tookMs = performance.now() - beganAt
    const facts = readSlurmFacts(runner, { seconds: 2 })
    await expect(facts).rejects.toMatchObject({ kind: 'slow' })
    await slurm.thaw('controller')
    expect(poll).toMatchObject({ isKnown: false, error: { kind: 'slow' } })
    expect(tookMs).toBeLessThan(7_000)
    await seeState(id, 'RUNNING')
    await clear(id)
  })

  it('of a controller that is gone: not known, and its jobs go on and are found again', async () => {
    const id = await begin([])
    await seeState(id, 'RUNNING')
    await slurm.end('controller')
    const [poll, facts, order] = await Promise.all([
      pollJobs(runner, [id], { seconds: 12 }),
      readSlurmFacts(runner, { seconds: 12 }).catch((error: unknown) => error),
      submitJob(runner, { script: sleep, folder: home }, { seconds: 12 }).catch((error: unknown) => error),
    ])
    expect(poll).toMatchObject({ isKnown: false, error: { kind: expect.stringMatching(/controller|slow/) } })
    expect(facts).toMatchObject({ kind: expect.stringMatching(/controller|slow/) })
    expect(order).toMatchObject({ kind: expect.stringMatching(/controller|slow/) })
    await slurm.start('controller')
    await seeState(id, 'RUNNING')
    await clear(id)
  })

  it('of a node: its GPUs are broken, until it is back', async () => {
    await slurm.end('a2')
    await expect
      .poll(async () => (await see()).nodes.find(({ name }) => name === 'a2'), { timeout: 50_000 })
      .toMatchObject({ condition: 'broken', state: expect.stringContaining('NOT_RESPONDING') })
    expect(row(await see(), 'a100')).toMatchObject({ broken: 4, free: 4 })
    await slurm.start('a2')
    await expect.poll(async () => row(await see(), 'a100')?.free, { timeout: 50_000 }).toBe(8)
  })
})
