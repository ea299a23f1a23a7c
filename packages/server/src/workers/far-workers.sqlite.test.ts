/** Workers on a machine behind a real sshd, which find the control room through the connection that it has to them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Far, startFar } from '../launches/bad-luck.fixture.ts'
import { LaunchWorld } from '../launches/launch-world.fixture.ts'
import { patience, WorkerWorld } from './worker-world.fixture.ts'

let far: Far
let world: WorkerWorld
beforeAll(async () => {
  far = await startFar()
  world = new WorkerWorld(await LaunchWorld.open({}, { workerLookMs: 100 }))
  writeFileSync(join(world.launches.test.server.dataFolder, 'clusters.yaml'), far.clusters)
})
afterAll(async () => {
  await world.launches.close()
  await far.stop()
})

/** As anybody on that machine sees it, which is this one. */
async function askPlain(url: string): Promise<number | 'nothing'> {
  return fetch(`${url}/api/workers`).then(
    ({ status }) => status,
    () => 'nothing',
  )
}

it('they share a way, find the control room again when it was cut, and it is closed with the last of them', async () => {
  const started = await world.start({ target: 'start', count: 2 })
  const [url = ''] = started.map((worker) => worker.url)
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:2\d{4}$/)
  await world.start({ target: 'start' })
  expect((await world.list()).map((worker) => worker.url)).toEqual([url, url, url])
  await world.untilHeard(['start-001', 'start-002', 'start-003'])

  far.lines.start.cut()
  await vi.waitFor(async () => expect((await world.list())[0]?.trouble).toEqual(expect.any(String)), patience)
  expect(await askPlain(url)).toBe('nothing')
  far.lines.start.mend()
  await vi.waitFor(async () => expect((await world.list())[0]?.trouble).toBeNull(), patience)
  expect(await askPlain(url)).toBe(401)
  const mendedAt = Date.now()
  await vi.waitFor(async () => {
    const heard = (await world.heard()).filter(({ heardAt }) => heardAt > mendedAt)
    expect(heard).toHaveLength(3)
  }, patience)

  await world.stop()
  await expect.poll(() => askPlain(url)).toBe('nothing')
})

it('one that did not begin leaves no way', async () => {
  const { status } = await world.ask({ target: 'start', resources: { nodes: 2 } })
  expect(status).toBe(400)
  expect(await world.list()).toEqual([])
})
