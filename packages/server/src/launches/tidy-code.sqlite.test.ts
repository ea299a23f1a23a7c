/** Code that no job uses any more goes after a job has ended, here and behind ssh; what else is launched brings its own anew. */
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LaunchSpecInput } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Far, startFar } from './bad-luck.fixture.ts'
import { LaunchWorld, quickTimes } from './launch-world.fixture.ts'

let far: Far
let world: LaunchWorld
const patience = { timeout: 60_000, interval: 50 }
beforeAll(async () => {
  far = await startFar()
  world = await LaunchWorld.open({}, { deskTimes: { ...quickTimes, tidyMs: 0 } })
  const { hosts } = JSON.parse(far.clusters) as { hosts: object[] } // as the fixture writes them
  const file = { hosts: hosts.map((host) => ({ ...host, keep_code_days: 3 })) }
  writeFileSync(join(world.test.server.dataFolder, 'clusters.yaml'), JSON.stringify(file))
})
afterAll(async () => {
  await world.close()
  await far.stop()
})

it.each([
  ['local', 14],
  ['start', 3],
])('on %s, after %i days', async (target, days) => {
  const project = await world.addProject(`model-${target}`, {
    'run.sh': `echo ${target}; until [ -e go ]; do sleep 0.1; done\n`,
  })
  const root = target === 'local' ? join(world.test.server.dataFolder, 'local') : join(far.sshd.folder, 'home', target)
  const age = (path: string, by: number): void => {
    const at = new Date(Date.now() - by * 24 * 3_600_000)
    utimesSync(path, at, at)
  }
  const ageAll = (by: number): void =>
    readdirSync(join(root, 'code')).forEach((name) => age(join(root, 'code', name), by))
  const spec: LaunchSpecInput = { project: project.id, target, command: ['sh', 'run.sh'] }
  const runs = async (uid: string): Promise<string> => {
    await world.untilLog(uid, target)
    return join(root, 'runs', uid)
  }
  const plain = { target, command: ['true'] }

  const first = await world.launchOne(spec)
  const folder = await runs(first)
  const brought = readdirSync(join(root, 'code')).filter((name) => existsSync(join(root, 'code', name, 'run.sh')))
  expect(brought).toHaveLength(1)
  const code = join(root, 'code', brought[0] ?? '')
  ageAll(days + 1)
  // Another one ends while it runs; that one brings the SDK, which is young then.
  await world.until(await world.launchOne(plain), 'completed')
  await world.until(await world.launchOne(plain), 'completed')
  expect(existsSync(code)).toBe(true)
  writeFileSync(join(folder, 'code', 'go'), '')
  await world.until(first, 'completed')
  for (const name of readdirSync(folder)) age(join(folder, name), days + 1)
  ageAll(days - 1)
  await world.until(await world.launchOne(plain), 'completed')
  expect(existsSync(code)).toBe(true)
  age(code, days + 1)
  await world.until(await world.launchOne(plain), 'completed')
  await expect.poll(() => existsSync(code), patience).toBe(false)

  const again = await world.launchOne(spec)
  writeFileSync(join(await runs(again), 'code', 'go'), '')
  await world.until(again, 'completed')
  expect(existsSync(code)).toBe(true)
})
