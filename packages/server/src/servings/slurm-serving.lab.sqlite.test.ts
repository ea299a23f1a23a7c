/** Engines on nodes of a real Slurm, reached through its login node. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openSlurmWorld, type SlurmWorld } from '../launches/slurm-world.fixture.ts'
import { isAlive, patience, ServingWorld } from './serving-world.fixture.ts'

let lab: SlurmWorld
let world: ServingWorld
beforeAll(async () => {
  lab = await openSlurmWorld()
  world = new ServingWorld(lab.world)
}, 120_000)
afterAll(() => lab.close())

it('it listens where Slurm reaches its node, is an engine while its job runs, and is cancelled with it', async () => {
  const { id } = await world.start({ target: 'lab' })
  const { jobUid } = await world.until(id, 'ready')
  await vi.waitFor(async () => expect((await world.engines())[0]?.health.state).toBe('healthy'), patience)
  const pid = await world.pid(jobUid)
  expect((await world.launches.look(jobUid)).slurmId).toMatch(/^\d+$/)
  await world.stop(id)
  await world.until(id, 'stopped')
  expect((await world.launches.job(jobUid)).state).toBe('cancelled')
  await expect.poll(() => isAlive(pid)).toBe(false)
})
