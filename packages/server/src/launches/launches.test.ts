import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LaunchSpecInput } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LaunchWorld, training } from './launch-world.fixture.ts'

let world: LaunchWorld
beforeAll(async () => void (world = await LaunchWorld.open()))
afterAll(() => world.close())

const python = 'python3'
it('a launch runs the code of a commit on this machine: metrics, log, parameters and end arrive', async () => {
  const project = await world.addProject('live', { 'train.py': training })
  // What comes after the commit is not in it.
  const commit = project.code?.commit?.id ?? ''
  world.yard.write('live/train.py', 'raise SystemExit("not this one")')
  const command = [python, 'train.py', '--wait', "it's $(touch x) «here»"]
  const spec = {
    project: project.id,
    code: { kind: 'commit' as const, commit },
    target: 'local',
    command,
    tags: ['first'],
  } satisfies LaunchSpecInput
  const uid = await world.launchOne(spec)
  await world.until(uid, 'running')
  await world.untilLog(uid, 'step 5')
  // It says what it can be told at its first control point.
  const set = () => world.ask(`/api/jobs/${uid}/parameters/lr`, { method: 'PUT', body: { value: 0.2 } })
  await expect.poll(async () => (await set()).status, { timeout: 60_000 }).toBe(200)
  const launch = await world.untilOver(uid)
  expect(launch.steps.map(({ step, state }) => [step, state])).toEqual([
    ['check', 'done'],
    ['code', 'done'],
    ['sdk', 'done'],
    ['folder', 'done'],
    ['submit', 'done'],
    ['start', 'done'],
  ])
  expect(launch).toMatchObject({ state: 'over', isKept: true, orders: [], trouble: null, unknownSince: null })
  const job = await world.until(uid, 'completed')
  expect(job).toMatchObject({
    name: 'train',
    project: 'live',
    target: 'local',
    tags: ['first'],
    commit,
    config: { words: command.slice(2) },
    recipe: { git: { commit, dirty: false } },
    attempts: [{ number: 1, state: 'completed', exitCode: 0 }],
  })
  const log = await world.log(uid)
  expect(log.match(/^step \d in /gm)).toHaveLength(5)
  expect(log).toContain('rate 0.2')
  const { json } = await world.ask(`/api/jobs/${uid}/metrics/latest?key=loss`)
  expect(json).toMatchObject({ metrics: [{ key: 'loss', value: 0.2, step: 5 }] })
  expect(existsSync(join(world.test.server.dataFolder, 'x'))).toBe(false)
  // The folder goes when somebody wants it to.
  expect(existsSync(launch.folder ?? '')).toBe(true)
  expect(await world.ask(`/api/jobs/${uid}/launch/folder`, { method: 'DELETE' })).toMatchObject({
    status: 200,
    json: { isKept: false },
  })
  expect(existsSync(launch.folder ?? '')).toBe(false)
})

it('numbers that a script prints and reports are there once, as it reports them', async () => {
  const script = `
import time
import pilothouse

pilothouse.init()
for step in range(1, 6):
    pilothouse.log({"loss": 1 / step}, step=step)
    print(f"Step {step}: Loss = {1 / step:.2f}", flush=True)
    time.sleep(0.1)
`
  const { id } = await world.addProject('twice', { 'train.py': script })
  const uid = await world.launchOne({ project: id, target: 'local', command: ['python3', 'train.py'] })
  await world.until(uid, 'completed')
  expect(await world.log(uid)).toContain('Step 5: Loss = 0.20')
  const { json } = await world.ask(`/api/jobs/${uid}/metrics?key=loss`)
  expect(json).toMatchObject({ series: [{ x: [1, 2, 3, 4, 5], last: [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5] }] })
})

it('without the SDK numbers are read from what a script prints, and its exit code says how it ended', async () => {
  const project = await world.addProject('plain', {
    'sub/loop.sh': 'for i in 1 2 3; do echo "step $i/3 loss=0.$i"; done\npwd\nprintf "no end of line"\nexit 3\n',
  })
  const uid = await world.launchOne({ project: project.id, target: 'local', command: ['sh', 'loop.sh'], within: 'sub' })
  const job = await world.until(uid, 'failed')
  expect(job.attempts).toMatchObject([{ exitCode: 3 }])
  expect(job.error?.message).toContain('exit code 3')
  const log = await world.log(uid)
  expect(log.trimEnd().endsWith('no end of line')).toBe(true)
  expect(log).toMatch(/\/sub$/m)
  const { json } = await world.ask(`/api/jobs/${uid}/metrics/latest?key=loss`)
  expect(json).toMatchObject({ metrics: [{ key: 'loss', value: 0.3, step: 3 }] })
})

it('a folder is taken along as it is now, with what is not committed and without what git ignores', async () => {
  const project = await world.addProject('dirty', { '.gitignore': 'data/\n', 'a.txt': 'committed' })
  world.yard.write('dirty/a.txt', 'changed')
  world.yard.write('dirty/new file.txt', 'fresh')
  world.yard.write('dirty/data/large.bin', 'large')
  await world.ask(`/api/projects/${project.id}/sync`, { method: 'POST' })
  await expect
    .poll(async () => (await world.plan({ project: project.id, target: 'local', command: ['ls'] })).code?.changed)
    .toBe(2)
  const plan = await world.plan({ project: project.id, target: 'local', command: ['ls'] })
  expect(plan.problems).toMatchObject([
    { level: 'warning', field: 'code', message: '2 files differ from the commit and are taken along.' },
  ])
  const uid = await world.launchOne({ project: project.id, target: 'local', command: ['sh', '-c', 'cat a.txt; ls -A'] })
  expect((await world.until(uid, 'completed')).recipe?.git).toMatchObject({ dirty: true })
  const log = await world.log(uid)
  expect(log).toMatch(/changed/)
  expect(log).toMatch(/new file\.txt/)
  expect(log).not.toMatch(/data|\.git$/m)
  // In the folder itself nothing is taken along, and everything is there.
  const inside = await world.launchOne({
    project: project.id,
    code: { kind: 'folder' },
    target: 'local',
    command: ['ls', '-A'],
  })
  await world.until(inside, 'completed')
  expect(await world.log(inside)).toContain('data')
})

it('a job that runs is cancelled, with all that it has started, and by those only who may', async () => {
  const command = ['sh', '-c', 'sleep 600 & echo begun; wait']
  const uid = await world.launchOne({ target: 'local', command, name: 'long' })
  await world.untilLog(uid, 'begun')
  expect((await world.look(uid)).orders).toEqual(['cancel'])
  expect((await world.order(uid, 'cancel', world.test.tokens.viewer)).status).toBe(403)
  expect(await world.order(uid, 'hold')).toMatchObject({
    status: 409,
    json: { error: { field: 'order', expected: 'one of cancel' } },
  })
  expect((await world.order(uid, 'cancel')).status).toBe(200)
  expect(await world.untilOver(uid)).toMatchObject({ state: 'over' })
  await world.until(uid, 'cancelled')
  expect((await world.order(uid, 'cancel')).status).toBe(409)
})

it('what cannot run is refused before anything is sent, with the field and what would do', async () => {
  const refuse = async (spec: object) =>
    (
      await world.ask('/api/launches', {
        method: 'POST',
        body: { spec: { target: 'local', command: ['true'], ...spec } },
      })
    ).json
  expect(await refuse({ target: 'nowhere' })).toMatchObject({
    error: { field: 'spec.target', hint: 'There are local.' },
  })
  expect(await refuse({ project: 999 })).toMatchObject({ error: { field: 'spec.project' } })
  expect(await refuse({ within: '../..' })).toMatchObject({ error: { code: 'invalid' } })
  expect(await refuse({ resources: { nodes: 2 } })).toMatchObject({ error: { field: 'spec.resources.nodes' } })
  expect(await refuse({ environment: { PILOTHOUSE_JOB: 'other' } })).toMatchObject({
    error: { field: 'spec.environment.PILOTHOUSE_JOB' },
  })
  expect(await refuse({ environment: { 'A B': '1' } })).toMatchObject({ error: { code: 'invalid' } })
  expect(await refuse({ command: [] })).toMatchObject({ error: { code: 'invalid' } })
})

it('a step that fails is named with what to do, and leaves nothing behind', async () => {
  const project = await world.addProject('broken', { 'train.py': '' })
  const spec = {
    project: project.id,
    code: { kind: 'commit' as const, commit: 'ab'.repeat(20) },
    target: 'local',
    command: ['true'],
  }
  const uid = await world.launchOne(spec)
  const job = await world.until(uid, 'failed')
  const launch = await world.untilOver(uid)
  expect(launch.steps.find(({ step }) => step === 'code')).toMatchObject({
    state: 'failed',
    words: expect.any(String),
    hint: expect.any(String),
  })
  expect(job.error?.type).toBe('LaunchError')
  expect(launch).toMatchObject({ state: 'failed', folder: null, isKept: false })
})

it('a sweep is one group of jobs, and the same request again launches nothing twice', async () => {
  const spec = { target: 'local', command: ['echo'], name: 'sweep' }
  const variants = Array.from({ length: 12 }, (_, at) => ['all=1', `lr=${at}\n"`])
  const first = await world.launch(spec, { variants, key: 'a-key-of-the-page' })
  const again = await world.launch(spec, { variants, key: 'a-key-of-the-page' })
  expect(again).toEqual(first)
  expect(new Set(first.jobs.map(({ uid }) => uid)).size).toBe(12)
  for (const [at, { uid }] of first.jobs.entries()) {
    const job = await world.until(uid, 'completed')
    expect([job.name, job.group]).toEqual([`sweep ${at + 1}/12 'lr=${at} "'`, first.group])
    expect(await world.log(uid)).toContain(`all=1 lr=${at}`)
  }
})

it('a script that somebody wrote runs in place of the template, and its author is kept', async () => {
  const project = await world.addProject('edited', { 'a.txt': 'found' })
  const plan = await world.plan({ project: project.id, target: 'local', command: ['true'] })
  expect(plan.script).toContain("cp -R '«code»' code.new")
  const script = plan.script?.replace(/^exec .*$/m, 'echo "by hand: $(cat a.txt) for $PILOTHOUSE_JOB"') ?? ''
  const uid = await world.launchOne({ project: project.id, target: 'local', command: ['true'] }, { script })
  await world.until(uid, 'completed')
  expect(await world.log(uid)).toContain(`by hand: found for ${uid}`)
  const launch = await world.look(uid)
  expect(launch.scriptBy).toMatchObject({ name: expect.any(String) })
  // It keeps its places open; over there they are filled in.
  expect(launch.script).toContain('«code»')
  expect(readFileSync(join(launch.folder ?? '', 'script'), 'utf8')).toContain(
    `${world.test.server.dataFolder}/local/code/`,
  )
})

it('a control room that was away finds its jobs again, and loses no line of theirs', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'pilothouse-test-'))
  const go = join(dataFolder, 'go')
  const script = `i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo "line $i"; sleep 0.02; done; while [ ! -e '${go}' ]; do sleep 0.1; done; echo whole`
  const first = await LaunchWorld.open({ dataFolder })
  const { jobs } = await first.launch(
    { target: 'local', command: ['sh', '-c', script] },
    { variants: Array.from({ length: 20 }, (_, at) => [String(at)]) },
  )
  // Some run, some are on their way: it stops in the middle of it.
  await first.until(jobs[3]?.uid ?? '', 'running')
  await first.close()
  const second = await LaunchWorld.open({ dataFolder })
  try {
    for (const { uid } of jobs) await second.until(uid, 'running')
    await writeFile(go, '')
    for (const { uid } of jobs) {
      await second.until(uid, 'completed')
      const lines = (await second.log(uid)).trim().split('\n')
      expect(lines).toEqual([...Array.from({ length: 40 }, (_, at) => `line ${at + 1}`), 'whole'])
      expect((await second.job(uid)).attempts).toHaveLength(1)
    }
  } finally {
    await second.close()
    await rm(dataFolder, { recursive: true, force: true })
  }
})

it('a job whose process is killed behind its back is lost only when nothing says how it ended', async () => {
  const uid = await world.launchOne({ target: 'local', command: ['sh', '-c', 'echo begun; sleep 600'] })
  await world.untilLog(uid, 'begun')
  const { folder } = await world.look(uid)
  const [, , wrapper, , script] = readFileSync(join(folder ?? '', 'process'), 'utf8').split(' ')
  for (const pid of [wrapper, script]) process.kill(Number(pid), 'SIGKILL')
  process.kill(-Number(script), 'SIGKILL')
  const job = await world.until(uid, 'lost')
  expect(job.stateReason).toContain('nothing says how it ended')
})

it('a job that is deleted while it runs is ended over there, and leaves nothing', async () => {
  const uid = await world.launchOne({ target: 'local', command: ['sh', '-c', 'echo begun; sleep 600'] })
  await world.untilLog(uid, 'begun')
  const { folder } = await world.look(uid)
  const { status } = await world.ask(`/api/jobs/${uid}`, { method: 'DELETE' })
  expect(status).toBeLessThan(300)
  await expect.poll(() => existsSync(folder ?? ''), { timeout: 60_000 }).toBe(false)
})
