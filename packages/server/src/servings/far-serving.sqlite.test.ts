/** Engines on a machine behind a real sshd, whose way there can be cut. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Far, startFar } from '../launches/bad-luck.fixture.ts'
import { LaunchWorld } from '../launches/launch-world.fixture.ts'
import { isAlive, patience, quickServing, ServingWorld } from './serving-world.fixture.ts'

let far: Far
let world: ServingWorld
beforeAll(async () => {
  far = await startFar()
  world = new ServingWorld(await LaunchWorld.open({}, { servingTimes: quickServing }))
  writeFileSync(join(world.launches.test.server.dataFolder, 'clusters.yaml'), far.clusters)
})
afterAll(async () => {
  await world.launches.close()
  await far.stop()
})

async function address(): Promise<string | undefined> {
  return (await world.engines())[0]?.baseUrl
}

/** As anybody on this machine sees it, who has no key. */
async function askPlain(url: string): Promise<number | 'nothing'> {
  return fetch(`${url}/v1/models`).then(
    ({ status }) => status,
    () => 'nothing',
  )
}

it('it is reached through the connection, at another address once that was made anew, and not after its end', async () => {
  const { id } = await world.start({ target: 'start' })
  const { jobUid } = await world.until(id, 'ready')
  const pid = await world.pid(jobUid)
  const first = (await address()) ?? ''
  expect(await askPlain(first)).toBe(401)
  far.lines.start.cut()
  // Who takes that port meanwhile must not be sent its key.
  await vi.waitFor(async () => expect(await address()).toBe('http://127.0.0.1:9'), patience)
  await vi.waitFor(async () => expect((await world.look(id)).trouble).toEqual(expect.any(String)), patience)
  expect((await world.look(id)).state).toBe('ready')
  far.lines.start.mend()
  const second = await vi.waitFor(async () => {
    const found = (await address()) ?? ''
    expect(await askPlain(found)).toBe(401)
    return found
  }, patience)
  await vi.waitFor(async () => expect((await world.engines())[0]?.health.state).toBe('healthy'), patience)
  await vi.waitFor(async () => expect((await world.look(id)).trouble).toBeNull(), patience)
  await world.stop(id)
  await world.until(id, 'stopped')
  expect(isAlive(pid)).toBe(false)
  await expect.poll(() => askPlain(second)).toBe('nothing')
})
