import { expect, it } from 'vitest'
import { pino } from 'pino'
import { ServerWorkers } from './server-workers.ts'
import { WorkRoom, answerOf } from './work.fixture.ts'

const logger = pino({ level: 'silent' })

it('a resting server has no worker; one is there while there is work, and goes some time after it', async () => {
  const room = await WorkRoom.open()
  room.restart({ makeWorkers: (work) => new ServerWorkers({ work, count: 1, logger, idleMs: 10 }) })
  const names = () => room.work.listWorkers().map(({ name }) => name)
  const id = await room.make({ requests: 4 })
  expect(names()).toEqual([])
  room.work.ring()
  await expect.poll(names).toEqual(['server-001'])
  // No engine answers here, so it is done by another worker, once the lease is over.
  room.nowMs += 60_000
  const shard = await room.lease('far')
  await room.work.deliver({ ...shard, worker: 'far', results: shard.requests.map(({ at }) => answerOf(at)) })
  await expect.poll(names).toEqual([])
  await room.work.settle(id)
  expect(await room.batch(id)).toMatchObject({ status: 'completed' })
  await room.close()
})

/** Leases, and dies of what it gets. */
const dying = `
  import { parentPort, workerData } from 'node:worker_threads'
  const input = { worker: workerData.name, model: null, except: [], waitMs: 0 }
  parentPort.on('message', () => { throw new Error('It is too much.') })
  parentPort.postMessage({ type: 'ask', id: 1, ask: { name: 'lease', input } })
`

it('a worker that dies is started again, and what it had is free at once', async () => {
  const room = await WorkRoom.open()
  const thread = new URL(`data:text/javascript,${encodeURIComponent(dying)}`)
  room.restart({ makeWorkers: (work) => new ServerWorkers({ work, count: 1, logger, againMs: 1, thread }) })
  const id = await room.make({ requests: 1 })
  room.work.ring()
  const epoch = async () =>
    (await room.ask((db) => db.selectFrom('batch_shard').selectAll().executeTakeFirstOrThrow())).epoch
  await expect.poll(epoch).toBeGreaterThan(2)
  const { signal } = new AbortController()
  const { shard } = await room.work.lease({ worker: 'far', model: null, waitMs: 20_000 }, signal)
  expect(shard?.batchId).toBe(id)
  await room.close()
})
