/** Runs on a real Slurm, behind a real ssh: what only a scheduler does to them. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startSlowLine, writeSlowConfig } from '../../../../lab/start-slow-line.ts'
import { SshLink } from '../ssh/ssh-link.ts'
import { openSlurmTarget } from './slurm-target.ts'
import { listElements } from './array-elements.ts'
import type { ArrayOrder, RunStanding, StartOrder, StartResources, Target, TargetRun } from './target.ts'
import { plainOrder, startSlurmLab } from './target.fixture.ts'

let lab: Awaited<ReturnType<typeof startSlurmLab>>
let target: Target
/** Slurm grants a minute at least, and looks every half: what waits for that goes on beside the others. */
let limited: TargetRun
beforeAll(async () => {
  lab = await startSlurmLab()
  target = lab.open()
  const script = `trap 'echo saved' USR1\ntrap 'echo told; exit 9' TERM\necho begun\nwhile :; do sleep 0.1; done`
  limited = await begin('limit', script, { resources: { timeLimitMin: 1 }, warnSeconds: 50 })
}, 120_000)
afterAll(async () => {
  await target.close()
  await lab.stop()
})

const forever = 'echo begun; exec sleep 600'

async function make(name: string, script = forever): Promise<TargetRun> {
  const run = { folder: join(lab.base, 'runs', name), owner: `${name} 1`, environment: {} }
  return { folder: await target.make({ ...run, script: `#!/bin/sh\n${script}\n` }), owner: run.owner, slurmId: null }
}

async function begin(name: string, script: string, order: Partial<StartOrder> = {}): Promise<TargetRun> {
  const run = await make(name, script)
  return { ...run, ...(await target.start(run, { ...plainOrder, ...order })) }
}

async function look(run: TargetRun): Promise<RunStanding> {
  const [standing] = await target.look([run])
  if (standing === undefined) throw new Error('There is no answer.')
  return standing
}

// Of tests side by side nobody knows in which one `expect.poll` is called.
const see = (run: TargetRun, wanted: Partial<RunStanding>, timeout = 30_000): Promise<void> =>
  vi.waitFor(async () => expect(await look(run)).toMatchObject(wanted), { timeout })
const seeLog = (run: TargetRun, wanted: string): Promise<void> =>
  vi.waitFor(async () => expect(await log(run)).toBe(wanted), { timeout: 30_000 })
const log = async (run: TargetRun): Promise<string> =>
  (await target.readLog(run, { from: 0, bytesMax: 10_000 })).toString()

/** As the cluster's admin. */
async function ask(...words: [string, ...string[]]): Promise<string> {
  const [command, ...rest] = words
  const environment = { ...process.env, SLURM_CONF: lab.slurm.configPath }
  return (await promisify(execFile)(command, rest, { env: environment, timeout: 20_000 })).stdout
}

/** Without much patience for Slurm's commands. */
const openHasty = (commandSeconds: number): Target =>
  openSlurmTarget({
    name: 'lab',
    root: lab.base,
    commandSeconds,
    connect: async () => SshLink.open({ host: 'lab', configPath: lab.configPath }),
  })

const countJobs = async (owner: string): Promise<number> => {
  const lines = (await ask('squeue', '-h', '-t', 'all', '-O', 'Comment:|')).split('\n')
  return lines.filter((line) => line.trim() === `pilothouse ${owner}|`).length
}

describe('a run in the queue', () => {
  it('is held, released, and cancelled before it begins', async () => {
    const hog = await begin('hog', forever, { resources: { gpus: { type: 'rtx4090', count: 2 }, timeLimitMin: 60 } })
    await see(hog, { state: 'running', nodes: ['r1'] })
    const run = await begin('held', forever, { resources: { gpus: { type: 'rtx4090', count: 1 } } })
    await see(run, { state: 'pending', reason: expect.stringMatching(/resources.*\(Resources\)/), exitCode: null })
    await expect.poll(async () => (await look(run)).expectedStartAt ?? 0).toBeGreaterThan(Date.now() + 1_000_000)
    expect(await target.hold(run)).toBe(true)
    await see(run, { state: 'held', reason: expect.stringContaining('release it') })
    expect(await target.release(run)).toBe(true)
    await see(run, { state: 'pending' })
    await expect(target.signal(run, 'USR1')).rejects.toMatchObject({ kind: 'gone' })
    await expect(target.remove(run)).rejects.toMatchObject({ kind: 'busy' })
    expect(await target.cancel(run)).toBe(true)
    await see(run, { state: 'ended', cause: 'cancelled', exitCode: null, logBytes: 0, startedAt: null })
    expect(await target.cancel(run)).toBe(false)
    expect(await target.release(run)).toBe(false)
    expect(await target.remove(run)).toBe(true)
    await target.cancel(hog)
  })

  it('knows where it stands', async () => {
    const first = await begin('first', forever, { resources: { gpus: { type: 'rtx4090', count: 2 } } })
    await see(first, { state: 'running', position: null })
    const others: TargetRun[] = []
    for (const at of [1, 2, 3])
      others.push(await begin(`wait ${at}`, forever, { resources: { gpus: { type: 'rtx4090', count: 2 } } }))
    await see(others[2] ?? first, { state: 'pending', reason: expect.any(String) })
    const fresh = lab.open()
    const positions = (await fresh.look([...others, first])).map(({ position }) => position)
    expect(positions).toEqual([1, 2, 3, null])
    await fresh.close()
    for (const run of [...others, first]) await target.cancel(run)
  })

  it('has what its order asks for, and what its script asks for besides', async () => {
    const script =
      '#SBATCH --cpus-per-task=3\n#SBATCH --mem=700M # not -a joke\n#SBATCH --verbose\necho "$SLURM_CPUS_PER_TASK|$CUDA_VISIBLE_DEVICES|$SLURM_JOB_NAME"'
    const resources: StartResources = {
      partition: 'scavenge',
      gpus: { type: 'rtx4090', count: 2 },
      nodes: 1,
      tasksPerNode: 1,
      memoryMb: 500,
      timeLimitMin: 7,
    }
    const run = await begin('asks', script, { name: 'two\nlines', resources, options: ['--nice=3'] })
    await see(run, { state: 'ended', cause: 'completed', exitCode: 0, nodes: ['r1'] })
    expect(await log(run)).toBe('3|0,1|two lines\n')
    const asked = await ask('scontrol', 'show', 'job', run.slurmId ?? '')
    for (const fact of ['TimeLimit=00:07:00', 'Partition=scavenge', 'Nice=3', 'mem=500M', 'Requeue=0'])
      expect(asked).toContain(fact)
  })

  it.each<[string, Partial<StartOrder>]>([
    ['a partition that is not there', { resources: { partition: 'nowhere' } }],
    ['more than a node has', { resources: { gpus: { type: 'a100', count: 9 } } }],
    ['an array, in the words of sbatch', { options: ['--arr=1-3'] }],
    ['another cluster', { options: ['-M', 'other'] }],
    ['several things of a shell', { options: ['--mem=$(touch bad)'] }],
  ])('is refused for %s, and may be started with another order', async (what, order) => {
    const run = await make(`refused ${what.length}`, 'true')
    await expect(target.start(run, { ...plainOrder, ...order })).rejects.toMatchObject({ kind: 'refused' })
    expect(await look(run)).toMatchObject({ state: 'waiting' })
    const begun = { ...run, ...(await target.start(run, plainOrder)) }
    await see(begun, { state: 'ended', cause: 'completed' })
  })

  it('whose script asks for an array is refused, and told why', async () => {
    const run = await make('array', '# what\n#SBATCH  --array=1-3 --nice\ntrue')
    const refused = { kind: 'refused', said: expect.stringContaining('--array=1-3') }
    await expect(target.start(run, plainOrder)).rejects.toMatchObject(refused)
    await expect(target.expectStart('#!/bin/sh\n#SBATCH -a 1-3\n', plainOrder)).rejects.toMatchObject({
      kind: 'refused',
    })
  })

  it('may be called anything, and nothing of it reaches a shell', async () => {
    const evil = `a'b "c" $(touch ${lab.base}/bad) \`touch ${lab.base}/bad\` ; touch ${lab.base}/bad\n-x`
    for (const field of ['partition', 'account', 'qos', 'reservation', 'dependency', 'begin', 'constraint'] as const) {
      const run = await make(`evil-${field}`, 'true')
      const order = { ...plainOrder, resources: { [field]: evil } }
      // Without accounts Slurm looks at no account.
      const begun = await target
        .start(run, order)
        .catch((error: unknown) => expect(error).toMatchObject({ kind: 'refused' }))
      if (begun) await target.cancel({ ...run, ...begun })
    }
    const run = await make('evil-type', 'true')
    const gpus = { type: evil, count: 1 }
    await expect(target.start(run, { ...plainOrder, resources: { gpus } })).rejects.toMatchObject({ kind: 'refused' })
    const fine = await begin('evil-name', 'true', { name: evil })
    await see(fine, { state: 'ended', cause: 'completed' })
    expect(existsSync(join(lab.base, 'bad'))).toBe(false)
  })

  it('is expected to start somewhere, or refused', async () => {
    const resources = { gpus: { type: 'a100', count: 1 } }
    const soon = await target.expectStart('#!/bin/sh\n#SBATCH --nodelist=a2\ntrue\n', { ...plainOrder, resources })
    expect(soon).toMatchObject({ nodes: ['a2'], partition: 'gpu' })
    const never = { ...plainOrder, resources: { gpus: { type: 'h100', count: 1 } } }
    await expect(target.expectStart('#!/bin/sh\ntrue\n', never)).rejects.toMatchObject({ kind: 'refused' })
  })
})

const preempted = {
  restarts: 0,
  cause: 'preempted',
  exitCode: expect.any(Number),
  endedAt: expect.any(Number),
} as const

it('that is put back into the queue has been told to, and says so', async () => {
  const run = await begin('put back', 'echo begun; exec sleep 600', { requeueable: true })
  await seeLog(run, 'begun\n')
  expect(await target.requeue(run)).toBe(true)
  const earlier = { restarts: 0, cause: 'requeued', exitCode: 143, endedAt: expect.any(Number) } as const
  await see({ ...run, restarts: 0 }, { state: 'pending', restarts: 1, earlier })
  await target.cancel(run)
})

// Each waits for its own part of the cluster.
describe.concurrent('a run that is begun anew', () => {
  it('goes on in its folder, with its log, after a requeue; its earlier end is none', async () => {
    const script = 'echo "begun $SLURM_RESTART_COUNT"; until [ -e go ]; do sleep 0.05; done; exit 6'
    const run = await begin('again', script, { requeueable: true })
    await seeLog(run, 'begun \n')
    writeFileSync(join(run.folder, 'go'), '')
    await see(run, { state: 'ended', exitCode: 6, cause: 'failed', restarts: 0 })
    rmSync(join(run.folder, 'go'))
    expect(await target.requeue(run)).toBe(true)
    const earlier = { restarts: 0, cause: 'failed', exitCode: 6, endedAt: expect.any(Number) } as const
    await see({ ...run, restarts: 0 }, { state: 'pending', restarts: 1, cause: null, exitCode: null, earlier })
    expect(await look({ ...run, restarts: 1 })).toMatchObject({ state: 'pending', earlier: null })
    await seeLog(run, 'begun \nbegun 1\n')
    await see(run, { state: 'running', restarts: 1 })
    writeFileSync(join(run.folder, 'go'), '')
    await see(run, { state: 'ended', exitCode: 6, restarts: 1 })
  }, 240_000)

  it('hears that it has to make room, saves, and waits for its turn', async () => {
    const script = `trap 'echo saved' USR1\necho "begun $SLURM_RESTART_COUNT"\nwhile :; do sleep 0.1; done`
    const resources = { partition: 'scavenge', gpus: { type: 'rtx4090', count: 2 } }
    const low = await begin('low', script, { resources, requeueable: true, warnSeconds: 60 })
    await seeLog(low, 'begun \n')
    const high = await begin('high', forever, { resources: { gpus: { type: 'rtx4090', count: 2 } } })
    await see(high, { state: 'running' })
    expect(await log(low)).toMatch(/^saved$/m)
    await see({ ...low, restarts: 0 }, { state: 'pending', restarts: 1, cause: null, earlier: preempted })
    await target.cancel(high)
    await target.cancel(low)
    await see(low, { state: 'ended', cause: 'cancelled', restarts: 1 })
  }, 240_000)

  it('or not at all, when its node fails', async () => {
    const resources = { partition: 'scavenge' }
    const [stays, moves] = await Promise.all([
      begin('stays', forever, { resources, options: ['--nodelist=c1'] }),
      begin('moves', forever, { resources, options: ['--nodelist=c1'], requeueable: true }),
    ])
    await see(stays, { state: 'running', nodes: ['c1'] })
    await see(moves, { state: 'running', nodes: ['c1'] })
    await lab.slurm.end('c1')
    await see(stays, { state: 'ended', cause: 'nodeFailure' }, 90_000)
    const earlier = expect.objectContaining({ restarts: 0 })
    await see({ ...moves, restarts: 0 }, { state: 'pending', restarts: 1, earlier }, 90_000)
    expect(await target.cancel(moves)).toBe(true)
    await lab.slurm.start('c1')
  }, 240_000)
})

describe('an array', () => {
  it('is as many runs, each with its own log, end and mailbox', async () => {
    const script =
      'echo "$SLURM_ARRAY_TASK_ID|$PWD|$PILOTHOUSE_MAILBOX"; until [ -e go ]; do sleep 0.05; done; exit "$SLURM_ARRAY_TASK_ID"'
    const array: ArrayOrder = { indices: '0,2-4', atOnce: 3 }
    const order = { ...plainOrder, resources: { array } }
    const made = await make("array of $(four) it's", script)
    const run = { ...made, ...(await target.start(made, order)) }
    expect(await target.start(made, order)).toEqual({ slurmId: run.slurmId })
    const elements = listElements(run, array)
    expect(elements.map(({ index, slurmId }) => [index, slurmId])).toEqual(
      [0, 2, 3, 4].map((at) => [at, `${run.slurmId ?? ''}_${at}`]),
    )
    const states = async (): Promise<string[]> => (await target.look(elements)).map(({ state }) => state)
    await expect.poll(states).toEqual(['running', 'running', 'running', 'pending'])
    const [zero, two, three, four] = elements
    if (!zero || !two || !three || !four) throw new Error('Elements are missing.')
    await expect.poll(() => log(two)).toBe(`2|${two.folder}|${two.folder}/mailbox\n`)
    expect((await look(four)).reason).toMatch(/elements of its array/)
    await expect(target.remove(run)).rejects.toMatchObject({ kind: 'busy' })
    expect(await target.cancel(two)).toBe(true)
    await see(two, { state: 'ended', cause: 'cancelled' })
    for (const { folder } of [zero, three, four]) writeFileSync(join(folder, 'go'), '')
    await see(zero, { state: 'ended', cause: 'completed', exitCode: 0 })
    await see(three, { state: 'ended', cause: 'failed', exitCode: 3, slurmId: three.slurmId })
    await see(four, { state: 'ended', exitCode: 4 })
    // By what lies in its folder alone.
    await see({ ...four, slurmId: null }, { state: 'ended', exitCode: 4, slurmId: four.slurmId })
    writeFileSync(join(four.folder, 'mailbox', '1.report'), '')
    await expect(target.remove(run)).rejects.toMatchObject({ kind: 'busy' })
    expect(await target.remove(run, { isForced: true })).toBe(true)
  }, 120_000)

  it('of runs that were made before starts each in its own folder, with its own script', async () => {
    const runs = [await make("first of $(two) it's", 'echo one'), await make('second', 'echo two; exit 2')]
    const array: ArrayOrder = { indices: '3,7', atOnce: null, folders: runs.map(({ folder }) => folder) }
    const whole = await make('made-before')
    const { slurmId } = await target.start(whole, { ...plainOrder, resources: { array } })
    const [first, second] = runs.map((run, at) => ({ ...run, slurmId: `${slurmId ?? ''}_${at === 0 ? 3 : 7}` }))
    if (!first || !second) throw new Error('Runs are missing.')
    await see(first, { state: 'ended', cause: 'completed', slurmId: first.slurmId })
    await see(second, { state: 'ended', cause: 'failed', exitCode: 2 })
    expect([await log(first), await log(second)]).toEqual(['one\n', 'two\n'])
    await see({ ...second, slurmId: null }, { state: 'ended', exitCode: 2, slurmId: second.slurmId })
    expect(await target.remove({ ...whole, slurmId }, { isForced: true })).toBe(true)
    expect(await log(first)).toBe('one\n')
  }, 120_000)

  it('is found again by its comment, and cancelled as a whole', async () => {
    const array: ArrayOrder = { indices: '1-3', atOnce: 1 }
    const order = { ...plainOrder, resources: { array } }
    const made = await make('array-again')
    const run = { ...made, ...(await target.start(made, order)) }
    rmSync(join(run.folder, 'slurm'))
    const hasty = openHasty(5)
    expect(await hasty.start(made, order)).toEqual({ slurmId: run.slurmId })
    await hasty.close()
    expect(await target.cancel(run)).toBe(true)
    const causes = async (): Promise<unknown[]> =>
      (await target.look(listElements(run, array))).map(({ cause }) => cause)
    await expect.poll(causes).toEqual(['cancelled', 'cancelled', 'cancelled'])
    expect(await target.remove(run)).toBe(true)
  }, 120_000)

  it.each(['', 'x', '1-', '1;2', '3-1', '0-100000', '1%2', '$(id)'])('of «%s» is refused', async (indices) => {
    const order = { ...plainOrder, resources: { array: { indices, atOnce: null } } }
    const run = { folder: lab.base, owner: 'none 1', slurmId: null }
    await expect(target.start(run, order)).rejects.toMatchObject({ kind: 'refused' })
  })
})

describe('without an answer', () => {
  it('of the submission: the same call finds the job', async () => {
    const run = await make('unheard')
    const line = await startSlowLine(lab.sshd.port, 150)
    const slowPath = writeSlowConfig(lab.sshd, line)
    const connect = (): Promise<SshLink> => SshLink.open({ host: 'lab', configPath: slowPath })
    const far = openSlurmTarget({ name: 'lab', root: lab.base, connect })
    const starting = far.start(run, plainOrder).catch((error: unknown) => error)
    await expect.poll(() => existsSync(join(run.folder, 'slurm')), { interval: 5 }).toBe(true)
    await line.stop()
    expect(await starting).toMatchObject({ name: 'SshError' })
    await far.close()
    const begun = { ...run, ...(await target.start(run, plainOrder)) }
    await see(begun, { state: 'running' })
    expect((await look(run)).slurmId).toBe(begun.slurmId)
    expect(await countJobs(run.owner)).toBe(1)
    await target.cancel(run)
    await see(begun, { state: 'ended', cause: 'cancelled' })
  })

  it('nor an id in the folder: its comment says which it is; where there is none, it is submitted again', async () => {
    const held: StartOrder = { ...plainOrder, options: ['--hold'] }
    const hasty = openHasty(5)
    const run = await make('unnamed')
    const { slurmId } = await target.start(run, held)
    rmSync(join(run.folder, 'slurm'))
    expect(await hasty.start(run, held)).toEqual({ slurmId })
    expect(readFileSync(join(run.folder, 'slurm'), 'utf8')).toBe(`${slurmId ?? ''}\n`)
    rmSync(join(run.folder, 'slurm'))
    expect(await target.cancel(run)).toBe(true)
    const other = await make('unsent')
    const began = Math.trunc(Date.now() / 1000)
    await target.start(other, { ...held, options: ['--hold', '--nonsense'] }).catch(() => null)
    expect(readdirSync(other.folder)).not.toContain('.submitting')
    // As if whoever submitted it had been killed in between: at first it may still be about it.
    const leave = async (at: number): Promise<void> => {
      await target.start(other, { ...held, options: ['--nonsense'] }).catch(() => null)
      writeFileSync(join(other.folder, '.submitting'), `${at}\n`)
    }
    await leave(began)
    await expect(hasty.start(other, held)).rejects.toMatchObject({ kind: 'busy' })
    await hasty.close()
    rmSync(join(other.folder, '.submitting'))
    await leave(began - 3_600)
    const again = await target.start(other, held)
    expect(again.slurmId).toMatch(/^\d+$/)
    expect(await countJobs(other.owner)).toBe(1)
    await target.cancel({ ...other, ...again })
  })

  it('of the controller: unknown, within its time, and its runs go on', async () => {
    const run = await begin('alone', 'echo begun; until [ -e go ]; do sleep 0.05; done; exit 8')
    await see(run, { state: 'running' })
    const fresh = await make('fresh')
    await lab.slurm.end('controller')
    const beganAt = performance.now()
    const hasty = openHasty(3)
    const [standing, other] = await hasty.look([run, fresh])
    expect(performance.now() - beganAt).toBeLessThan(20_000)
    const noAnswer = { kind: expect.stringMatching(/controller|slow/) }
    expect(standing).toMatchObject({ state: 'unknown', error: noAnswer, logBytes: 6 })
    expect(other).toMatchObject({ state: 'waiting', error: null })
    await expect(hasty.start(fresh, plainOrder)).rejects.toMatchObject(noAnswer)
    await expect(hasty.remove(run, { isForced: true })).rejects.toMatchObject(noAnswer)
    await expect(hasty.cancel(run)).rejects.toMatchObject(noAnswer)
    writeFileSync(join(run.folder, 'go'), '')
    await lab.slurm.start('controller')
    await see(run, { state: 'ended', exitCode: 8, cause: 'failed' }, 60_000)
    await hasty.close()
  }, 120_000)

  it('of the login node: unknown, and known again when it is back', async () => {
    const run = await begin('behind', forever)
    await see(run, { state: 'running' })
    let isAway = true
    const connect = (signal: AbortSignal): Promise<SshLink> =>
      SshLink.open({ host: isAway ? '127.0.0.1' : 'lab', configPath: isAway ? '/dev/null' : lab.configPath, signal })
    const other = openSlurmTarget({ name: 'lab', root: lab.base, connect })
    expect(await other.look([run])).toMatchObject([{ state: 'unknown', error: { name: 'SshError' } }])
    isAway = false
    expect(await other.look([run])).toMatchObject([{ state: 'running', error: null }])
    await lab.links.at(-1)?.close()
    expect(await look(run)).toMatchObject({ state: 'running' })
    await other.close()
    await target.cancel(run)
  })
})

it('a run waits for its turn, too, when what it runs ends as soon as it is asked to', async () => {
  const resources = { partition: 'scavenge', gpus: { type: 'rtx4090', count: 2 } }
  const low = await begin('polite', 'echo begun; srun sleep 600', { resources, requeueable: true })
  await seeLog(low, 'begun\n')
  const high = await begin('rude', forever, { resources: { gpus: { type: 'rtx4090', count: 2 } } })
  await see(high, { state: 'running' })
  await see({ ...low, restarts: 0 }, { state: 'pending', restarts: 1, cause: null, earlier: preempted })
  await target.cancel(high)
  await target.cancel(low)
  await see(low, { state: 'ended', cause: 'cancelled', restarts: 1 })
}, 240_000)

it('a run hears that its time is nearly over, and why it was ended is told', async () => {
  await see(limited, { state: 'ended', cause: 'timeLimit' }, 120_000)
  const said = await log(limited)
  expect(said).toMatch(/^begun\n(.*\n)*saved\n(.*\n)*told\n/)
  // Once by Slurm, and not again by the wrapper.
  expect(said.match(/^told$/gm)).toHaveLength(1)
  expect(said).toContain('DUE TO TIME LIMIT')
}, 240_000)
