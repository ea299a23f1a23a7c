/** Workers on a control room in memory, and on stand-ins for engines over real sockets. */
import { expect, test } from 'vitest'
import { ControlRoom } from './control-room.fixture.ts'
import { expectDone, startEngine, startWorker } from './worker.fixture.ts'

/** Slow enough for things to happen meanwhile. */
const slow = { slots: 8, runningMax: 8, tokensPerSecond: 100 }

test('all requests of the shards of two models have one result each', async () => {
  const [stub, room] = [await startEngine(), new ControlRoom()]
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  room.setEngines('n', [{ id: 1, baseUrl: stub.url }])
  room.addBatch('first', { shards: 5, size: 100 })
  room.addBatch('second', { model: 'n', shards: 3, size: 40 })
  const { worker, troubles, end } = startWorker(room)
  await expectDone(room, 'first', 500)
  await expectDone(room, 'second', 120)
  expect(room.resultsOf('first').get(3)).toMatchObject({ attempts: 1, engineId: 1 })
  await end()
  expect([room.repeated, room.refused, troubles.length, room.given.length]).toEqual([0, 0, 0, 0])
  expect(worker.view()).toMatchObject({ leases: [], inFlight: 0, seats: [{ engineId: 1, answered: 620, failed: 0 }] })
})

test('a lane without work ends, and begins anew with more work', async () => {
  const [stub, room] = [await startEngine(), new ControlRoom()]
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  room.addBatch('first', { size: 10 })
  startWorker(room, { paces: { openMs: 20_000 } })
  await expectDone(room, 'first', 10)
  // The question for further models leaves none out any more.
  await expect.poll(() => room.excepts.at(-1)).toEqual([])
  room.addBatch('second', { size: 10 })
  await expectDone(room, 'second', 10)
})

test('a batch that has ended is given up while another goes on', async () => {
  const [stub, room] = [await startEngine(slow), new ControlRoom()]
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  room.addBatch('unwanted', { shards: 2, size: 200 })
  room.addBatch('wanted', { shards: 2, size: 20 })
  const { worker, end } = startWorker(room)
  await expect.poll(() => room.resultsOf('unwanted').size).toBeGreaterThan(0)
  room.endBatch('unwanted')
  await expectDone(room, 'wanted', 40)
  await expect.poll(() => worker.view().leases).toEqual([])
  const { seats } = worker.view()
  expect(seats).toMatchObject([{ engineId: 1, failed: 0, inFlight: 0 }])
  expect(stub.received()).toBeLessThan(200)
  await end()
  expect(room.given).toEqual([])
})

test('what cannot be delivered for a while is neither lost nor taken twice, and holds back what is sent', async () => {
  const [stub, room] = [await startEngine(), new ControlRoom()]
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  room.addBatch('b', { shards: 40, size: 100 })
  const { troubles } = startWorker(room)
  await expect.poll(() => room.resultsOf('b').size).toBeGreaterThan(100)
  for (const what of ['deliver', 'beat', 'engines'] as const) room.failing.add(what)
  const before = room.resultsOf('b').size
  await expect.poll(() => stub.received()).toBeGreaterThanOrEqual(before + 2_000)
  await expect.poll(() => room.asked.beat).toBeGreaterThan(room.beats.length + 3)
  // Each trouble is told once, however often it comes up.
  expect(troubles.map(({ at }) => at).toSorted()).toEqual(['beat', 'deliver', 'engines'])
  expect(stub.received()).toBeLessThan(before + 3_100)
  room.failing.clear()
  await expectDone(room, 'b', 4_000)
  expect([room.repeated, stub.counts.size]).toEqual([0, 4_000])
  expect([...stub.counts.values()].every((count) => count === 1)).toBe(true)
})

test('a control room that cannot be asked for work is asked again', async () => {
  const [stub, room] = [await startEngine(), new ControlRoom()]
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  room.addBatch('b', { shards: 2, size: 10 })
  room.failing.add('lease')
  const { troubles } = startWorker(room)
  await expect.poll(() => room.asked.lease).toBe(2)
  room.failing.clear()
  await expectDone(room, 'b', 20)
  expect(troubles).toMatchObject([{ at: 'lease', message: expect.stringContaining('is away') as string }])
})

test('a delivery that was taken although its answer was lost is repeated without harm', async () => {
  const [stub, room] = [await startEngine(), new ControlRoom()]
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  room.addBatch('b', { shards: 2, size: 100 })
  room.losesAnswers = 3
  startWorker(room)
  await expectDone(room, 'b', 200)
  expect(room.losesAnswers).toBe(0)
  expect([...stub.counts.values()].every((count) => count === 1)).toBe(true)
})

test('engines come, go, and change their keys while requests are sent', async () => {
  const first = await startEngine({ ...slow, apiKey: 'old' })
  const [second, room] = [await startEngine(slow), new ControlRoom()]
  const places = [
    { id: 1, baseUrl: first.url, apiKey: 'old' },
    { id: 2, baseUrl: second.url },
  ]
  room.setEngines('m', places.slice(0, 1))
  room.addBatch('b', { shards: 4, size: 150 })
  const { worker } = startWorker(room)
  await expect.poll(() => room.resultsOf('b').size).toBeGreaterThan(5)
  room.setEngines('m', places)
  await expect.poll(() => second.counts.size).toBeGreaterThan(5)
  room.setEngines('m', places.slice(1))
  await expect.poll(() => first.connections().open).toBe(0)
  const before = first.received()
  await expect.poll(() => room.resultsOf('b').size).toBeGreaterThan(before + 50)
  expect(first.received()).toBe(before)
  room.setEngines('m', [{ id: 1, baseUrl: first.url, apiKey: 'new' }])
  await expect.poll(() => worker.view().seats.find(({ engineId }) => engineId === 1)?.isAway).toBe(true)
  room.setEngines('m', [{ id: 1, baseUrl: first.url, apiKey: 'old' }])
  await expectDone(room, 'b', 600)
  expect(room.repeated).toBe(0)
  const { seats } = worker.view()
  expect(seats.reduce((sum, { answered }) => sum + answered, 0)).toBe(600)
})

test('where no engine answers for a model its requests wait, and no more is leased than a little', async () => {
  const [stub, room] = [await startEngine(), new ControlRoom()]
  room.addBatch('b', { shards: 20, size: 5 })
  const { worker } = startWorker(room)
  await expect.poll(() => room.asked.engines).toBeGreaterThan(5)
  expect(worker.view().leases).toHaveLength(2)
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  await expectDone(room, 'b', 100)
})

test('an engine that cannot be used is told of, and the others answer', async () => {
  const [stub, room] = [await startEngine(), new ControlRoom()]
  room.setEngines('m', [
    { id: 1, baseUrl: 'ftp://nowhere' },
    { id: 2, baseUrl: stub.url },
  ])
  room.addBatch('b', { size: 20 })
  const { troubles } = startWorker(room)
  await expectDone(room, 'b', 20)
  expect(troubles).toMatchObject([{ at: 'engines', message: expect.stringContaining('http') as string }])
})

test('the lanes of a worker share what an engine may get at once', async () => {
  const [stub, room] = [await startEngine(slow), new ControlRoom()]
  for (const model of ['m', 'n']) room.setEngines(model, [{ id: 1, baseUrl: stub.url, concurrencyMax: 4 }])
  room.addBatch('first', { size: 60 })
  room.addBatch('second', { model: 'n', size: 60 })
  const { worker } = startWorker(room)
  await expect.poll(() => worker.view().seats).toMatchObject([{ engineId: 1, limit: 4, inFlight: 4 }])
  await expectDone(room, 'first', 60)
  await expectDone(room, 'second', 60)
})

test('a lease that another worker has got is given up', async () => {
  const [stub, room] = [await startEngine(slow), new ControlRoom()]
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  room.addBatch('b', { size: 150 })
  const first = startWorker(room, { name: 'first' })
  await expect.poll(() => room.resultsOf('b').size).toBeGreaterThan(3)
  const second = startWorker(room, { name: 'second' })
  room.failing.add('beat')
  room.endLeases()
  await expect.poll(() => second.worker.view().leases).toMatchObject([{ batchId: 'b', epoch: 2 }])
  room.failing.delete('beat')
  await expect.poll(() => first.worker.view()).toMatchObject({ leases: [], inFlight: 0 })
  await expectDone(room, 'b', 150)
  expect(room.repeated).toBe(0)
})

test('a worker that is drained ends what is under way and gives back the rest', async () => {
  const [stub, room] = [await startEngine(slow), new ControlRoom()]
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  room.addBatch('b', { shards: 3, size: 100 })
  const { worker, running } = startWorker(room)
  await expect.poll(() => room.resultsOf('b').size).toBeGreaterThan(3)
  worker.drain()
  await running
  expect(room.resultsOf('b').size).toBe(stub.counts.size)
  expect(room.given.map(({ shard }) => shard)).toEqual([0, 1, 2])
  expect(worker.view()).toMatchObject({ leases: [], inFlight: 0 })
  const next = startWorker(room, { name: 'next' })
  await expectDone(room, 'b', 300)
  await next.end()
  expect([...stub.counts.values()].every((count) => count === 1)).toBe(true)
})

test('what does not end within the grace is given up and given back', async () => {
  const [stub, room] = [await startEngine(), new ControlRoom()]
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  room.addBatch('b', { size: 100 })
  stub.faults.next = [null, { kind: 'stall' }]
  const { worker, end } = startWorker(room, { paces: { graceMs: 100 } })
  await expect.poll(() => room.resultsOf('b').size).toBe(99)
  await end()
  expect([room.resultsOf('b').size, room.given.length, worker.view().inFlight]).toEqual([99, 1, 0])
})

test('results of many bytes are delivered in parts', async () => {
  const [stub, room] = [await startEngine({ instant: true }), new ControlRoom()]
  room.setEngines('m', [{ id: 1, baseUrl: stub.url }])
  room.addBatch('b', { shards: 2, size: 25, promptLength: 1_000_000 })
  startWorker(room)
  await expectDone(room, 'b', 50)
  expect(room.largestBytes).toBeGreaterThan(1_000_000)
  expect(room.largestBytes).toBeLessThan(10_000_000)
})

test('heartbeats tell of leases and engines', async () => {
  const [stub, room] = [await startEngine(slow), new ControlRoom()]
  room.setEngines('m', [{ id: 7, baseUrl: stub.url }])
  room.addBatch('b', { size: 60 })
  startWorker(room, { name: 'w', host: 'somewhere' })
  await expectDone(room, 'b', 60)
  const told = room.beats.find(({ seats }) => seats.some(({ inFlight }) => inFlight > 0))
  expect(told).toMatchObject({
    worker: 'w',
    host: 'somewhere',
    leases: [{ batchId: 'b', shard: 0, epoch: 1 }],
    seats: [{ engineId: 7, isAway: false, limit: expect.any(Number) as number }],
  })
})

test('a fault of ours ends a lane, not the worker: what it had is given back', async () => {
  const room = new ControlRoom()
  room.setEngines('m', [{ id: 1, baseUrl: 'http://127.0.0.1:9' }])
  room.addBatch('b', { size: 20 })
  const send = async (): Promise<never> => {
    throw new Error('A mistake.')
  }
  const { worker, troubles } = startWorker(room, { openEngine: () => ({ send, close: async () => {} }) })
  await expect.poll(() => room.given).toMatchObject([{ batchId: 'b', shard: 0, epoch: 1 }])
  expect(troubles).toMatchObject([{ at: 'lane', message: expect.stringContaining('A mistake.') as string }])
  expect(worker.view().leases).toEqual([])
})

test('through a storm of faults, lost leases and failed deliveries each request has one result', async () => {
  const [first, second, room] = [await startEngine(), await startEngine(slow), new ControlRoom()]
  for (const { faults } of [first, second]) {
    faults.random = [
      { share: 0.03, fault: { kind: 'status', status: 503 } },
      { share: 0.03, fault: { kind: 'reset' } },
      { share: 0.03, fault: { kind: 'truncated' } },
    ]
  }
  room.setEngines('m', [
    { id: 1, baseUrl: first.url },
    { id: 2, baseUrl: second.url },
  ])
  room.setEngines('n', [{ id: 1, baseUrl: first.url, concurrencyMax: 8 }])
  room.addBatch('first', { shards: 12, size: 50 })
  room.addBatch('second', { model: 'n', shards: 12, size: 50 })
  room.failingShare = 0.2
  for (const name of ['one', 'two', 'three']) startWorker(room, { name, random: () => 0.02 })
  for (const done of [100, 300, 500, 800]) {
    await expect.poll(() => room.resultsOf('first').size + room.resultsOf('second').size).toBeGreaterThan(done)
    room.endLeases()
  }
  await expectDone(room, 'first', 600)
  await expectDone(room, 'second', 600)
})
