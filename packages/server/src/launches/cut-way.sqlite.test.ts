/** The way to a machine is cut at the worst moments: what is launched runs once all the same, and nothing half-made stays. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LaunchStepName, launchSteps } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Far, isAlive, lasting, startFar, untilUnderWay } from './bad-luck.fixture.ts'
import { LaunchWorld, quickTimes } from './launch-world.fixture.ts'

let far: Far
let world: LaunchWorld
let project: { id: number }
const patience = { timeout: 60_000, interval: 50 }
beforeAll(async () => {
  far = await startFar()
  world = await LaunchWorld.open()
  writeFileSync(join(world.test.server.dataFolder, 'clusters.yaml'), far.clusters)
  project = await addProject('model')
})
afterAll(async () => {
  await world.close()
  await far.stop()
})

const addProject = (name: string) =>
  world.addProject(name, { 'run.sh': lasting, 'data.txt': `${name}\n`.repeat(50_000) })
/** @param word lets it end */
const launch = (target: LaunchStepName, word: string, id = project.id) =>
  world.launchOne({ project: id, target, command: ['sh', 'run.sh', word] })

// Each has a machine of its own.
it.concurrent.each(launchSteps)('in the middle of the step «%s»: it goes on, and is started once', async (step) => {
  const uid = await launch(step, `go-${step}`)
  await untilUnderWay(() => world.look(uid), step)
  far.lines[step].cut()
  far.lines[step].mend()
  await world.untilLog(uid, 'first')
  far.go(`go-${step}`)
  await world.until(uid, 'completed')
  const { steps, trouble, unknownSince } = await world.untilOver(uid)
  expect(steps.map(({ state }) => state)).toEqual(launchSteps.map(() => 'done'))
  expect([trouble, unknownSince]).toEqual([null, null])
  expect((await world.log(uid)).trim()).toBe('first\nlast')
  expect(far.begun(uid)).toHaveLength(1)
  await vi.waitFor(() => expect(far.findHalves(step, uid)).toEqual([]), patience)
})

it('and cancelled meanwhile: what may have been started is ended once the way is back, and not forgotten before', async () => {
  const { submit: line } = far.lines
  const uid = await launch('submit', 'never')
  await untilUnderWay(() => world.look(uid), 'submit')
  line.cut()
  await world.order(uid, 'cancel')
  await vi.waitFor(async () => expect((await world.look(uid)).unknownSince).not.toBeNull(), patience)
  const meanwhile = await world.look(uid)
  expect(meanwhile).toMatchObject({ trouble: { message: expect.any(String), hint: expect.any(String) }, isKept: true })
  expect(['failed', 'over']).not.toContain(meanwhile.state)
  line.mend()
  await world.until(uid, 'cancelled')
  const { folder, isKept } = await world.untilOver(uid)
  if (isKept) await world.ask(`/api/jobs/${uid}/launch/folder`, { method: 'DELETE' })
  expect(folder).not.toBe('')
  await expect.poll(() => far.begun(uid).filter(isAlive)).toEqual([])
  expect(far.findHalves('submit', 'none')).not.toContain(uid)
})

it('while a job ends: what it printed and how it ended are taken once it is back, cut again and again', async () => {
  const { start: line } = far.lines
  const uid = await launch('start', 'over')
  await world.untilLog(uid, 'first')
  line.cut()
  far.go('over')
  await expect.poll(() => far.begun(uid).filter(isAlive)).toEqual([])
  await vi.waitFor(async () => expect((await world.look(uid)).unknownSince).not.toBeNull(), patience)
  expect((await world.job(uid)).state).toBe('running')
  for (let time = 0; time < 3; time += 1) {
    line.mend()
    await line.used()
    line.cut()
  }
  line.mend()
  await world.until(uid, 'completed')
  expect((await world.log(uid)).trim()).toBe('first\nlast')
  expect(await world.untilOver(uid)).toMatchObject({ state: 'over', trouble: null, unknownSince: null })
})

it('before the code has arrived, and its project deleted meanwhile: the step says so, and nothing of it stays', async () => {
  const { id } = await addProject('doomed')
  const { code: line } = far.lines
  line.cut()
  const uid = await launch('code', 'never', id)
  await vi.waitFor(async () => expect((await world.look(uid)).unknownSince).not.toBeNull(), patience)
  expect((await world.ask(`/api/projects/${id}`, { method: 'DELETE' })).status).toBeLessThan(300)
  line.mend()
  const job = await world.until(uid, 'failed')
  const { steps, state, isKept } = await world.untilOver(uid)
  expect(steps.find((one) => one.state === 'failed')).toMatchObject({
    words: expect.stringMatching(/project/i),
    hint: expect.any(String),
  })
  expect([job.error?.type, state, isKept]).toEqual(['LaunchError', 'failed', false])
  expect(far.begun(uid)).toEqual([])
  await expect
    .poll(() => far.findHalves('code', 'none').filter((name) => name === uid || name.includes('.new')))
    .toEqual([])
})

it('a job whose project is deleted while it runs goes on to its end', async () => {
  const { id } = await addProject('left')
  const uid = await launch('check', 'left', id)
  await world.untilLog(uid, 'first')
  expect((await world.ask(`/api/projects/${id}`, { method: 'DELETE' })).status).toBeLessThan(300)
  far.go('left')
  expect(await world.until(uid, 'completed')).toMatchObject({ project: 'left' })
})

it('what is launched while an idle connection is being closed has one of its own', async () => {
  const hasty = await LaunchWorld.open({}, { deskTimes: { ...quickTimes, idleMs: 1 } })
  writeFileSync(join(hasty.test.server.dataFolder, 'clusters.yaml'), far.clusters)
  try {
    for (let time = 0; time < 3; time += 1) {
      const uid = await hasty.launchOne({ target: 'check', command: ['echo', `time ${time}`] })
      await hasty.until(uid, 'completed')
      expect(await hasty.log(uid)).toContain(`time ${time}`)
    }
  } finally {
    await hasty.close()
  }
})
