/** A rented machine as a target: the stand-in of a provider says that the lab's sshd is one, and a job is launched on it. */
import type { RentedInstance } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LaunchWorld } from '../launches/launch-world.fixture.ts'
import { openRentedMachine, type RentedMachine } from './rented-machine.fixture.ts'

let machine: RentedMachine
let world: LaunchWorld
beforeAll(async () => {
  machine = await openRentedMachine()
  world = await LaunchWorld.open()
}, 60_000)
afterAll(async () => {
  await world.close()
  await machine.close()
})

const find = async (): Promise<RentedInstance | undefined> =>
  ((await world.ask('/api/instances')).json as { instances: RentedInstance[] }).instances[0] // what it answers with

it('a job runs on it as on any host, is linked to it, and holds back who would destroy it unheard', async () => {
  const account = {
    name: 'lab',
    provider: 'vast',
    apiKey: machine.standIn.key,
    url: machine.standIn.url,
    trustsNewHosts: true,
  }
  const { status, json } = await world.ask('/api/providers', { method: 'POST', body: account })
  expect([status, json]).toMatchObject([200, { trouble: null }])
  expect(await find()).toMatchObject({ target: 'rented-box', job: null })
  const uid = await world.launchOne({ target: 'rented-box', command: ['sh', '-c', 'echo here; exec sleep 300'] })
  await world.untilLog(uid, 'here')
  const { id } = json as { id: number } // what this route answers with
  await world.ask(`/api/providers/${id}/check`, { method: 'POST' })
  expect(await find()).toMatchObject({ job: { uid, state: 'running' } })
  const path = `/api/instances/${String((await find())?.id)}/order`
  // Reached, it has nothing that was not sent; the order goes through.
  expect((await world.ask(path, { method: 'POST', body: { action: 'stop' } })).status).toBe(200)
  await machine.sshd.stop()
  const refused = await world.ask(path, { method: 'POST', body: { action: 'destroy' } })
  expect([refused.status, refused.json]).toMatchObject([409, { error: { hint: expect.stringContaining('force it') } }])
  const forced = await world.ask(path, { method: 'POST', body: { action: 'destroy', force: true } })
  expect([forced.status, forced.json]).toMatchObject([200, { facts: { status: 'gone' } }])
}, 60_000)
