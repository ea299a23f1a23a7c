/** The same launches over ssh and on a real Slurm: what runs there reaches nothing but its own folder. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LaunchSpecInput, Project } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type LabSlurm, startSlurm } from '../../../../lab/start-slurm.ts'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { LaunchWorld, training } from './launch-world.fixture.ts'

let slurm: LabSlurm
let sshd: LabSshd
let world: LaunchWorld
let project: Project & { id: number }
let folder: string
const run = promisify(execFile)
const patience = { timeout: 60_000, interval: 200 }
beforeAll(async () => {
  slurm = await startSlurm()
  folder = mkdtempSync(join(tmpdir(), 'ph-sshd-'))
  sshd = await startSshd({ folder, args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`, '--noisy'] })
  world = await LaunchWorld.open()
  const place = { host: 'lab', ssh_config_path: sshd.configPath }
  const file = { hosts: [{ name: 'box', ...place }], clusters: [{ name: 'lab', ...place }] }
  writeFileSync(join(world.test.server.dataFolder, 'clusters.yaml'), JSON.stringify(file))
  project = await world.addProject('model', { 'src/train.py': training })
})
afterAll(async () => {
  await world.close()
  await sshd.stop()
  await slurm.stop()
  rmSync(folder, { recursive: true })
})

const overSsh = async (command: string) => (await run('ssh', ['-F', sshd.configPath, 'lab', command])).stdout
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
  await world.order(uid, 'cancel')
  await world.until(uid, 'cancelled')
}, 180_000)

it('without a controller it is unknown since then, and goes on when it is back', async () => {
  const uid = await world.launchOne(spec({ ...sleep(15) }))
  await world.untilLog(uid, 'begun')
  await slurm.end('controller')
  await vi.waitFor(async () => expect((await world.look(uid)).unknownSince).not.toBeNull(), patience)
  expect((await world.look(uid)).trouble?.message).toBeTruthy()
  expect((await world.job(uid)).state).toBe('running')
  await slurm.start('controller')
  await world.until(uid, 'completed')
  expect((await world.look(uid)).unknownSince).toBeNull()
  expect(await world.log(uid)).toContain('over')
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
