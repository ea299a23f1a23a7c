/** A worker against a control room that answers as the contract says, and an engine that echoes. */
import { limits, PilothouseError, type RouteName, type WorkDelivery, type WorkShard } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type StubEngine, startStubEngine } from '../../../../lab/stub-engine/start-stub-engine.ts'
import { runCli } from '../run-cli.ts'
import { type Answer, type ContractServer, hangUp, startContractServer } from '../test-contract-server.ts'
import { makeTestWorld } from '../test-world.ts'
import { isNews, readStatus } from '../watch-worker.ts'

const slow = { timeout: 30_000 }
const batchId = `batch_${'a'.repeat(32)}`
const requests = Array.from({ length: 20 }, (_, at) => ({
  at,
  line: at + 1,
  customId: `request-${at}`,
  body: JSON.stringify({ model: 'stub', messages: [{ role: 'user', content: `say ${at}` }] }),
}))
const shard: WorkShard = {
  batchId,
  shard: 0,
  epoch: 1,
  leaseMs: 30_000,
  endpoint: '/v1/chat/completions',
  model: 'stub',
  requestMs: 60_000,
  requests,
}

let stub: StubEngine
let server: ContractServer

beforeEach(async () => {
  stub = await startStubEngine({ instant: true })
})
afterEach(async () => {
  await server.close()
  await stub.close()
})

/** A control room that has one shard. */
function makeRoom(): { answers: Partial<Record<RouteName, Answer>>; delivered: WorkDelivery['results'] } {
  const waiting = [shard]
  const delivered: WorkDelivery['results'] = []
  const answers: Partial<Record<RouteName, Answer>> = {
    'work.lease': () => ({ shard: waiting.shift() ?? null }),
    'work.engines': () => ({
      engines: [{ id: 1, name: 'lab', baseUrl: stub.url, apiKey: null, concurrencyMax: null }],
    }),
    'work.beat': () => ({ lost: [], againMs: 200 }),
    'work.deliver': ({ body }) => {
      delivered.push(...(body as WorkDelivery).results) // held against the schema
      return { isLost: false }
    },
  }
  return { answers, delivered }
}

function start(...args: string[]) {
  const { world, stdout, stderr, stop } = makeTestWorld({ PILOTHOUSE_URL: server.url, PILOTHOUSE_TOKEN: 't' })
  const ended = runCli(['worker', ...args], world, '0.0.0-test')
  return { ended, out: stdout.text, err: stderr.text, stop }
}

it('it sends what it leases, brings each result once, and ends well when it is told to', slow, async () => {
  const { answers, delivered } = makeRoom()
  server = await startContractServer(answers)
  const worker = start('--name', 'gpu7', '--limit', '4')
  await vi.waitFor(() => expect(delivered).toHaveLength(requests.length), { timeout: 20_000 })
  worker.stop('SIGTERM')
  expect(await worker.ended).toBe(0)
  expect(delivered.map(({ at }) => at).toSorted((a, b) => a - b)).toEqual(requests.map(({ at }) => at))
  expect(delivered.every(({ outcome }) => outcome.kind === 'answered')).toBe(true)
  expect(worker.err()).toMatch(
    /^● gpu7 takes requests of http:.*\n[^]*It ends: .*\n20 requests answered, 0 failed\.\n$/,
  )
  expect(server.calls.find(({ name }) => name === 'work.lease')?.body).toMatchObject({ worker: 'gpu7', model: null })
})

it('it goes on when the control room was away, and says so', slow, async () => {
  const { answers, delivered } = makeRoom()
  let asked = 0
  server = await startContractServer({
    ...answers,
    'work.lease': (call) => (++asked <= 2 ? hangUp : answers['work.lease']?.(call)),
  })
  const worker = start('--json')
  await vi.waitFor(() => expect(delivered).toHaveLength(requests.length), { timeout: 20_000 })
  worker.stop('SIGINT')
  expect(await worker.ended).toBe(0)
  expect(worker.out()).toMatch(/"answered":20,"failed":0.*\n$/)
  expect(worker.err()).toMatch(/^! The control room cannot be asked for requests: .*\n$/)
})

it('a token that may not work is told at once, and so are names that cannot be', async () => {
  const refuse = (): never => {
    throw new PilothouseError('forbidden', 'This takes batch:work.')
  }
  server = await startContractServer({ 'work.beat': refuse })
  const refused = start()
  expect(await refused.ended).toBe(4)
  expect(refused.err()).toContain('batch:work')
  for (const args of [
    ['--name', 'server-2'],
    ['--name', ' '],
    ['--limit', '0'],
    ['--grace', 'long'],
    ['--name', 'x'.repeat(limits.nameLengthMax + 1)],
  ])
    expect(await start(...args).ended, args.join(' ')).toBe(2)
})

it('rates are those of the last looks, and changes are told now and then', () => {
  const seat = { engineId: 1, inFlight: 3, limit: 8, isAway: false, answered: 50, failed: 2, tokens: 900, latencyMs: 5 }
  const lease = { batchId, shard: 0, epoch: 1 }
  const view = { leases: [lease, { ...lease, shard: 1 }], inFlight: 3, seats: [seat] }
  const looks = [
    { at: 1000, answered: 20, failed: 0, tokens: 100 },
    { at: 5000, answered: 50, failed: 2, tokens: 900 },
  ]
  const status = readStatus(view, looks)
  expect(status).toEqual({
    leases: 2,
    batches: 1,
    inFlight: 3,
    answered: 50,
    failed: 2,
    requestsPerSecond: 8,
    tokensPerSecond: 200,
  })
  expect(readStatus(view, [])).toMatchObject({ requestsPerSecond: 0, tokensPerSecond: 0 })
  const idle = { ...status, leases: 0 }
  expect(isNews({ status: idle, at: 0 }, { status, at: 1 })).toBe(true)
  expect(isNews({ status, at: 0 }, { status: { ...status, inFlight: 4 }, at: 1000 })).toBe(false)
  expect(isNews({ status, at: 0 }, { status: { ...status, inFlight: 4 }, at: 10_000 })).toBe(true)
  expect(isNews({ status, at: 0 }, { status, at: 60_000 })).toBe(false)
})
