/** Workers on nodes of a real Slurm: one array, which is reached nowhere and reaches the control room by itself. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSlurmWorld, type SlurmWorld } from '../launches/slurm-world.fixture.ts'
import { WorkerWorld } from './worker-world.fixture.ts'

let lab: SlurmWorld
let world: WorkerWorld
beforeAll(async () => {
  lab = await openSlurmWorld({ asMyself: true })
  world = new WorkerWorld(lab.world)
}, 120_000)
afterAll(() => lab.close())

it('two are one array, are heard of, and are gone with their jobs', async () => {
  const started = await world.start({ target: 'lab', count: 2, url: lab.world.test.server.url })
  expect(started.map(({ name }) => name)).toEqual(['lab-001', 'lab-002'])
  await world.untilHeard(['lab-001', 'lab-002'])
  const ids = await Promise.all(started.map(async ({ jobUid }) => (await lab.world.look(jobUid)).slurmId))
  expect(ids).toEqual([expect.stringMatching(/^\d+_0$/), expect.stringMatching(/^\d+_1$/)])
  await world.stop()
  expect(await world.heard()).toEqual([])
  const jobs = await Promise.all(started.map(({ jobUid }) => lab.world.job(jobUid)))
  expect(jobs.map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
})

it('without an address that nodes reach none is started', async () => {
  const { status, json } = await world.ask({ target: 'lab' })
  expect([status, json]).toMatchObject([400, { error: { field: 'url', message: expect.stringContaining('public') } }])
  expect((await world.ask({ target: 'lab', url: 'ssh' })).status).toBe(400)
  expect(await world.list()).toEqual([])
})
