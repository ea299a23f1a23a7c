/** The same launches over ssh and on a real Slurm: what runs there reaches nothing but its own folder. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LaunchSpecInput, Project } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { LaunchWorld, training } from './launch-world.fixture.ts'
import { openSlurmWorld, type SlurmWorld } from './slurm-world.fixture.ts'

let lab: SlurmWorld
let world: LaunchWorld
let project: Project & { id: number }
const run = promisify(execFile)
const patience = { timeout: 60_000, interval: 200 }
beforeAll(async () => {
  lab = await openSlurmWorld({ sshdArgs: ['--noisy'] })
  world = lab.world
  project = await world.addProject('model', { 'src/train.py': training })
})
afterAll(() => lab.close())

const overSsh = async (command: string) => (await run('ssh', ['-F', lab.sshd.configPath, 'lab', command])).stdout
const spec = (more: Partial<LaunchSpecInput> = {}): LaunchSpecInput => ({
  project: project.id,
  target: 'lab',
  command: ['python3', 'train.py'],
  within: 'src',
  ...more,
})
const sleep = (seconds: number): Partial<LaunchSpecInput> => ({
  project: null,
  within: '',
  command: ['sh', '-c', `echo begun; sleep ${seconds}; echo over`],
})

it.each(['box', 'lab'])(
  'on %s the code arrives, runs, reports and is steered by its mailbox, and ends',
  async (target) => {
    const gpus = target === 'lab' ? { resources: { gpus: { type: 'a100', count: 2 }, timeLimitMinutes: 10 } } : {}
    const uid = await world.launchOne(
      spec({ target, command: ['python3', 'train.py', '--wait', `it's "$(touch ~/x)"`], ...gpus }),
    )
    await world.until(uid, 'running')
    await world.untilLog(uid, 'step 5 in src')
    const set = () => world.ask(`/api/jobs/${uid}/parameters/lr`, { method: 'PUT', body: { value: 0.2 } })
    await vi.waitFor(async () => expect((await set()).status).toBe(200), patience)
    const launch = await world.untilOver(uid)
    const job = await world.until(uid, 'completed')
    const log = await world.log(uid)
    expect(log.match(/^step \d in src$/gm)).toHaveLength(5)
    expect(log).toContain(target === 'lab' ? 'rate 0.2 gpus 0,1' : 'rate 0.2 gpus None')
    const { json } = await world.ask(`/api/jobs/${uid}/metrics/latest?key=loss`)
    expect(json).toMatchObject({ metrics: [{ key: 'loss', value: 0.2, step: 5 }] })
    expect(job).toMatchObject({ target, attempts: [{ number: 1, exitCode: 0 }] })
    expect(launch.slurmId === null).toBe(target === 'box')
    expect(await overSsh('ls ~')).not.toMatch(/^x$/m)
    expect(await overSsh(`ls ${launch.folder ?? ''}`)).toContain('exit.json')
    expect(await world.ask(`/api/jobs/${uid}/launch/folder`, { method: 'DELETE' })).toMatchObject({
      json: { isKept: false },
    })
    expect(await overSsh(`ls ${launch.folder ?? ''} 2>&1 || true`)).toContain('No such file')
  },
)

it('one that waits says why, is held, let go, and cancelled', async () => {
  const all = { resources: { nodes: 2, gpus: { type: 'a100', count: 4 } } }
  const first = await world.launchOne(spec({ ...sleep(600), ...all }))
  await world.untilLog(first, 'begun')
  const second = await world.launchOne(spec({ ...sleep(600), ...all }))
  const job = await world.until(second, 'pending')
  expect(job.attempts).toHaveLength(1)
  await vi.waitFor(async () => expect((await world.job(second)).stateReason).toBeTruthy(), patience)
  expect((await world.look(second)).orders).toEqual(['cancel', 'hold'])
  await world.order(second, 'hold')
  await vi.waitFor(async () => expect((await world.look(second)).orders).toEqual(['cancel', 'release']), patience)
  await world.order(second, 'release')
  await vi.waitFor(async () => expect((await world.look(second)).orders).toEqual(['cancel', 'hold']), patience)
  await world.order(second, 'cancel')
  await world.until(second, 'cancelled')
  await world.order(first, 'cancel')
  await world.until(first, 'cancelled')
})

it('one that is put back into the queue runs again as the next attempt of the same job', async () => {
  const uid = await world.launchOne(spec({ ...sleep(600) }))
  await world.untilLog(uid, 'begun')
  expect((await world.order(uid, 'requeue')).status).toBe(200)
  await vi.waitFor(async () => expect((await world.job(uid)).attempt).toBe(2), patience)
  await vi.waitFor(async () => {
    const { state, attempts } = await world.job(uid)
    expect([state, attempts.map(({ number }) => number)]).toEqual(['running', [1, 2]])
  }, patience)
  const [first, second] = (await world.job(uid)).attempts
  expect(first).toMatchObject({
    state: 'cancelled',
    exitCode: 143,
    reason: expect.stringMatching(/back into the queue/),
  })
  expect(first?.endedAt).toBeLessThanOrEqual(second?.startedAt ?? 0)
  await world.order(uid, 'cancel')
  const job = await world.until(uid, 'cancelled')
  expect(job.attempts).toMatchObject([{ state: 'cancelled' }, { state: 'cancelled', reason: null }])
}, 180_000)

it('one that makes room for another is not lost: its first attempt says that it was pre-empted', async () => {
  const all = { nodes: 2, gpus: { type: 'a100', count: 4 } }
  const low = await world.launchOne(spec({ ...sleep(600), resources: { ...all, partition: 'scavenge' } }))
  await world.untilLog(low, 'begun')
  const high = await world.launchOne(spec({ ...sleep(600), resources: { ...all, partition: 'gpu' } }))
  await world.untilLog(high, 'begun')
  const { attempts } = await vi.waitFor(async () => {
    const job = await world.job(low)
    expect([job.state, job.attempt]).toEqual(['pending', 2])
    return job
  }, patience)
  expect(attempts).toMatchObject([
    { number: 1, state: 'cancelled', reason: expect.stringMatching(/^Pre-empted by Slurm/) },
    { number: 2, state: 'pending', reason: null },
  ])
  for (const uid of [high, low]) {
    await world.order(uid, 'cancel')
    await world.until(uid, 'cancelled')
  }
}, 180_000)

it('without a controller it is unknown since then, and goes on when it is back', async () => {
  const uid = await world.launchOne(spec({ ...sleep(15) }))
  await world.untilLog(uid, 'begun')
  await lab.slurm.end('controller')
  await vi.waitFor(async () => expect((await world.look(uid)).unknownSince).not.toBeNull(), patience)
  expect((await world.look(uid)).trouble?.message).toBeTruthy()
  expect((await world.job(uid)).state).toBe('running')
  await lab.slurm.start('controller')
  await world.until(uid, 'completed')
  expect((await world.look(uid)).unknownSince).toBeNull()
  expect(await world.log(uid)).toContain('over')
}, 120_000)

it('one that began and ended while the control room was away has the times that Slurm says', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pilothouse-away-'))
  const place = { name: 'lab', host: 'lab', ssh_config_path: lab.sshd.configPath }
  writeFileSync(join(dataFolder, 'clusters.yaml'), JSON.stringify({ clusters: [place] }))
  const before = await LaunchWorld.open({ dataFolder })
  const uid = await before.launchOne(spec({ ...sleep(4), directives: ['--begin=now+3'] }))
  await before.until(uid, 'pending')
  const slurmId = await vi.waitFor(async () => (await before.look(uid)).slurmId ?? expect.fail(), patience)
  await before.close()
  const ask = ['-h', '-t', 'all', '-j', slurmId, '-O', 'State:|,StartTime:|,EndTime:|']
  const env = { ...process.env, SLURM_CONF: lab.slurm.configPath, SLURM_TIME_FORMAT: '%s' }
  const [start, end] = await vi.waitFor(async () => {
    const [state, ...times] = (await run('squeue', ask, { env })).stdout.split('|')
    expect([state, Number(times[1]) * 1000 < Date.now() - 3_000]).toEqual(['COMPLETED', true])
    return times.map((time) => Number(time) * 1000)
  }, patience)
  const after = await LaunchWorld.open({ dataFolder })
  try {
    const { attempts, startedAt, createdAt } = await after.until(uid, 'completed')
    const [attempt] = attempts
    expect(startedAt).toBe(attempt?.startedAt)
    expect(Math.abs((startedAt ?? 0) - (start ?? 0))).toBeLessThanOrEqual(1_000)
    expect((startedAt ?? 0) - createdAt).toBeGreaterThan(1_000)
    expect(Math.abs((attempt?.endedAt ?? 0) - (end ?? 0))).toBeLessThanOrEqual(1_000)
    const step = (await after.look(uid)).steps.find((one) => one.step === 'start')
    expect(step?.endedAt).toBe(startedAt)
  } finally {
    await after.close()
    rmSync(dataFolder, { recursive: true })
  }
}, 120_000)

it('what Slurm would take and never start is refused before, and what it says itself is told', async () => {
  const problems = async (resources: LaunchSpecInput['resources']) =>
    (await world.plan(spec({ resources }))).problems.map(({ level, field }) => [level, field])
  await vi.waitFor(
    async () => expect(await problems({ partition: 'nowhere' })).toEqual([['error', 'resources.partition']]),
    patience,
  )
  expect(await problems({ gpus: { type: 'h900', count: 1 } })).toEqual([['error', 'resources.gpus']])
  expect(await problems({ gpus: { count: 500 } })).toEqual([['error', 'resources.gpus']])
  expect(await problems({ nodes: 99 })).toEqual([['error', 'resources.nodes']])
  expect(await problems({ timeLimitMinutes: 5_000_000 })).toEqual([['error', 'resources.timeLimitMinutes']])
  const dry = await world.plan(spec({ resources: { gpus: { count: 1 } } }), true)
  expect(dry.start).toMatchObject({ nodes: [expect.any(String)] })
  // Our own checks know nothing of it: Slurm refuses, and the step says so.
  const uid = await world.launchOne(spec({ directives: ['--reservation=nobody'] }))
  const job = await world.until(uid, 'failed')
  expect(job.error?.message).toMatch(/reservation/i)
  expect((await world.look(uid)).steps.find(({ step }) => step === 'submit')).toMatchObject({ state: 'failed' })
})

it('a sweep of twelve is submitted, runs and ends', async () => {
  const variants = Array.from({ length: 12 }, (_, at) => [`seed=${at}`])
  const { jobs } = await world.launch(spec({ project: null, within: '', command: ['echo'] }), { variants })
  expect(jobs).toHaveLength(12)
  for (const [at, { uid }] of jobs.entries()) {
    await world.until(uid, 'completed')
    expect(await world.log(uid)).toContain(`seed=${at}`)
  }
}, 120_000)

it('a sweep as one array: two at a time, and each is held, cancelled and begun anew by itself', async () => {
  const variants = Array.from({ length: 6 }, (_, at) => [String(at)])
  const wait = 'echo "element $0 begun"; until [ -e ~/go-$0 ]; do sleep 0.1; done; echo over'
  const { jobs, group } = await world.launch(spec({ project: null, within: '', command: ['sh', '-c', wait] }), {
    variants,
    array: { atOnce: 2 },
  })
  const uids = jobs.map(({ uid }) => uid)
  const [zero = '', one = '', two = '', , four = '', five = ''] = uids
  await world.untilLog(zero, 'element 0 begun')
  await world.untilLog(one, 'element 1 begun')
  const ids = (await Promise.all(uids.map((uid) => world.look(uid)))).map(({ slurmId }) => slurmId ?? '')
  const [array] = ids[0]?.split('_') ?? []
  expect(ids).toEqual(uids.map((_, at) => `${array ?? ''}_${at}`))
  expect((await world.job(five)).group).toBe(group)
  await vi.waitFor(async () => expect((await world.job(two)).stateReason).toMatch(/elements of its array/), patience)
  await world.order(four, 'hold')
  await vi.waitFor(async () => expect((await world.look(four)).orders).toEqual(['cancel', 'release']), patience)
  await world.order(five, 'cancel')
  await world.until(five, 'cancelled')
  await world.order(one, 'requeue')
  await vi.waitFor(async () => expect((await world.job(one)).attempt).toBe(2), patience)
  await overSsh('touch ~/go-0 ~/go-1 ~/go-2 ~/go-3')
  for (const [at, uid] of uids.slice(0, 4).entries()) {
    await world.until(uid, 'completed')
    expect(await world.log(uid)).toContain(`element ${at} begun\nover`)
  }
  expect((await world.job(four)).state).toBe('pending')
  await world.order(four, 'release')
  await overSsh('touch ~/go-4')
  await world.until(four, 'completed')
  const runs = async (): Promise<string> => overSsh('ls ~/.pilothouse/runs')
  const before = await runs()
  for (const uid of uids) await world.ask(`/api/jobs/${uid}/launch/folder`, { method: 'DELETE' })
  // The folder that Slurm has the array by goes with the last of them.
  expect(before.trim().split('\n').length - (await runs()).trim().split('\n').length).toBe(uids.length + 1)
}, 240_000)

it('an element that is cancelled on its way to Slurm takes none of the others along', async () => {
  const command = ['sh', '-c', '[ "$0" != 0 ] || sleep 600']
  const { jobs } = await world.launch(spec({ command }), { variants: [['0'], ['1'], ['2']], array: {} })
  const [zero = '', one = '', two = ''] = jobs.map(({ uid }) => uid)
  expect((await world.order(zero, 'cancel')).status).toBe(200)
  await world.until(one, 'completed')
  await world.until(two, 'completed')
  await world.until(zero, 'cancelled')
})

it('an array of which all is cancelled on its way leaves nothing behind', async () => {
  const { jobs } = await world.launch(spec({ command: ['sleep'] }), { variants: [['600'], ['601']], array: {} })
  await Promise.all(jobs.map(({ uid }) => world.order(uid, 'cancel')))
  for (const { uid } of jobs) {
    await world.until(uid, 'cancelled')
    await vi.waitFor(async () => expect(await overSsh('ls ~/.pilothouse/runs')).not.toContain(uid), patience)
  }
})

it('an array that Slurm refuses starts none of its jobs, and leaves nothing behind', async () => {
  const { jobs } = await world.launch(spec({ project: null, within: '', directives: ['--reservation=nobody'] }), {
    variants: [['1'], ['2']],
    array: {},
  })
  for (const { uid } of jobs) {
    const job = await world.until(uid, 'failed')
    expect(job.error?.message).toMatch(/reservation/i)
    expect(await overSsh('ls ~/.pilothouse/runs')).not.toContain(uid)
  }
})
