import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { LaunchWorld, quickTimes } from './launch-world.fixture.ts'

let world: LaunchWorld
// What is not done as it comes would be done after a minute.
beforeAll(async () => void (world = await LaunchWorld.open({}, { deskTimes: { ...quickTimes, logMs: 60_000 } })))
afterAll(() => world.close())

it('what is launched while a desk is at work is not left until its next round', async () => {
  for (let count = 0; count < 8; count++) {
    const uid = await world.launchOne({ target: 'local', command: ['sleep', '20'] })
    const see = async () => expect((await world.look(uid)).state).toBe('following')
    await vi.waitFor(see, { timeout: 20_000, interval: 5 })
  }
})
