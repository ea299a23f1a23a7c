/** Whole servers with their own workers, against a stand-in for an engine on a real socket. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine, FileList, FileObject, LeaseAnswer } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ControlRoom } from '../../../../lab/chaos/control-room.ts'
import { type StubEngine, startStubEngine } from '../../../../lab/stub-engine/start-stub-engine.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { type TestDatabase, askDatabase, makeTestDatabase } from '../storage/test-database.ts'
import { openTestStorage } from '../storage/test-storage.ts'
import { type BatchDraft, type Line, insertSql, makeBatch, parseLines } from './work.fixture.ts'

let dataFolder: string
let database: TestDatabase
let engine: StubEngine
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'pilothouse-work-'))
  database = await makeTestDatabase()
  const test = await openTestStorage({ dataFolder, databaseUrl: database.url })
  await test.storage.close()
  engine = await startStubEngine({ instant: true })
})
afterEach(async () => {
  await engine.close()
  await database.remove()
  await rm(dataFolder, { recursive: true })
})

/** In the storage of a server that does not run. */
function make(draft: BatchDraft): Promise<string> {
  const where = { folder: dataFolder, databaseUrl: database.url }
  const insert = async (table: string, row: Parameters<typeof insertSql>[1]): Promise<void> => {
    await askDatabase(where, ...insertSql(table, row))
  }
  return makeBatch(dataFolder, insert, { shardSize: 256, ...draft })
}

function start(batchWorkers = 1): Promise<TestServer> {
  return startTestServer({ dataFolder, databaseUrl: database.url ?? null, batchWorkers })
}

async function addEngine(test: TestServer): Promise<Engine> {
  const body = { name: 'stand-in', baseUrl: engine.url }
  const { json } = await test.ask('/api/engines', { method: 'POST', token: test.tokens.admin, body })
  return json as Engine // what this route answers with
}

type Ask = (path: string) => Promise<string>
const askOf =
  (test: TestServer): Ask =>
  async (path) =>
    (await test.ask(path, { token: test.tokens.admin })).text

async function untilThere(ask: Ask, id: string, name: 'output' | 'error'): Promise<FileObject> {
  const find = async (): Promise<FileObject | undefined> => {
    const { data } = JSON.parse(await ask('/v1/files?purpose=batch_output')) as FileList // what this route answers with
    return data.find(({ filename }) => filename === `${id}_${name}.jsonl`)
  }
  await expect.poll(find, { timeout: 60_000, interval: 100 }).toBeDefined()
  const file = await find()
  if (!file) throw new Error('The file has gone again.')
  return file
}

async function readResults(ask: Ask, id: string, name: 'output' | 'error'): Promise<Line[]> {
  const { id: fileId } = await untilThere(ask, id, name)
  return parseLines(await ask(`/v1/files/${fileId}/content`))
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `r${at}`)

it('a server answers 2,000 requests by itself, in the order of the input', { timeout: 90_000 }, async () => {
  const id = await make({ requests: 2_000, isOrdered: true, maxTokens: (at) => 1 + (at % 3) })
  const test = await start()
  try {
    await addEngine(test)
    const lines = await readResults(askOf(test), id, 'output')
    expect(lines.map((line) => line.custom_id)).toEqual(numbered(2_000))
    expect(lines.every(({ response, error }) => response?.status_code === 200 && error === null)).toBe(true)
    expect(new Set(lines.map((line) => line.id)).size).toBe(2_000)
  } finally {
    await test.close()
  }
})

it('a worker from elsewhere leases, delivers and gives back by HTTP', async () => {
  const id = await make({ requests: 3, shardSize: 2 })
  const test = await start(0)
  try {
    const { secret: token } = await test.makeToken({ name: 'w', role: 'worker' })
    const ask = (path: string, body: unknown) => test.ask(`/api/work/${path}`, { method: 'POST', token, body })
    expect(await ask('lease', { worker: 'server-001', model: null })).toMatchObject({ status: 400 })
    const lease = async () => {
      const { json } = await ask('lease', { worker: 'w', model: null, waitMs: 1_000 })
      const { shard } = json as LeaseAnswer // what this route answers with
      if (!shard) throw new Error('There was nothing to lease.')
      return shard
    }
    const { requests: _unsent, ...given } = await lease()
    const { batchId, shard, epoch } = given
    expect(await ask('give-back', { worker: 'w', leases: [{ batchId, shard, epoch }] })).toMatchObject({ status: 204 })
    for (let turn = 0; turn < 2; turn += 1) {
      const { requests, ...own } = await lease()
      const named = { batchId: own.batchId, shard: own.shard, epoch: own.epoch }
      const outcome = {
        kind: 'answered',
        status: 200,
        requestId: null,
        body: `"${'x'.repeat(2_000_000)}"`,
        usage: null,
      }
      const results = requests.map(({ at }) => ({ at, outcome, attempts: 1, tookMs: 1, engineId: null }))
      const beat = { worker: 'w', host: 'far', leases: [named], seats: [] }
      expect((await ask('beat', beat)).json).toMatchObject({ lost: [], againMs: 10_000 })
      expect((await ask('deliver', { ...named, worker: 'w', results })).json).toEqual({ isLost: false })
    }
    expect(await readResults(askOf(test), id, 'output')).toHaveLength(3)
    await addEngine(test)
    const engines = await test.ask('/api/work/engines?model=stub', { token })
    expect(engines.json).toMatchObject({ engines: [{ name: 'stand-in', baseUrl: engine.url, apiKey: null }] })
  } finally {
    await test.close()
  }
})

it('a server that is killed five times has one line for each of 3,000 requests', { timeout: 180_000 }, async () => {
  const id = await make({ requests: 3_000 })
  const room = await ControlRoom.open({ dataFolder, databaseUrl: database.url })
  try {
    await room.ask('/api/engines', { name: 'stand-in', baseUrl: engine.url })
    for (let kill = 1; kill <= 5; kill += 1) {
      await expect.poll(() => engine.received(), { timeout: 60_000, interval: 5 }).toBeGreaterThan(kill * 400)
      await room.kill()
      await room.start()
    }
    const lines = await readResults((path) => room.ask(path), id, 'output')
    expect(lines.map((line) => line.custom_id).toSorted()).toEqual(numbered(3_000).toSorted())
    expect(new Set(lines.map((line) => line.id)).size).toBe(3_000)
  } finally {
    await room.close()
  }
})
