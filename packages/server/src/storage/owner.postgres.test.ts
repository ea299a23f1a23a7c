import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { postgresColumnTypes } from '@pilothouse/series'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrateDatabase } from './migrate-database.ts'
import { migrations } from './migrations.ts'
import { decideTakeOver, leaseMs } from './owner-lease.ts'
import { openPostgres } from './postgres-database.ts'
import { startStorage } from './start-storage.ts'
import type { StorageDatabase } from './storage-database.ts'
import { type TestDatabase, askDatabase, makeTestDatabase } from './test-database.ts'
import { linesOf, openTestStorage, pointsOf } from './test-storage.ts'

let place: TestDatabase
let folder: string
beforeEach(async () => {
  place = await makeTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-owner-'))
})
afterEach(async () => {
  await place.remove()
  await rm(folder, { recursive: true, force: true })
})

const url = () => place.url ?? ''
const ask = (sql: string) => askDatabase({ folder, databaseUrl: url() }, sql)

type Opened = { database: StorageDatabase; lost: string[]; replaced: string[]; back: Promise<void> }

async function open(address = url()): Promise<Opened> {
  const lost: string[] = []
  const replaced: string[] = []
  const { promise: back, resolve } = Promise.withResolvers<void>()
  const database = await openPostgres({
    url: address,
    pid: process.pid,
    migrate: (one) => migrateDatabase(one, { migrations, types: postgresColumnTypes, now: () => 1 }),
    onLost: ({ message }) => lost.push(message),
    onBack: resolve,
    onReplaced: ({ message }) => replaced.push(message),
  })
  return { database, lost, replaced, back }
}

const addSetting = ({ database }: Opened, key: string) =>
  database.transaction(() => database.run('insert into setting (key, value) values (?, ?)', [key, '1']))
const listSettings = async () => (await ask('select key from setting order by key')).map((row) => row['key'])

describe('who may take a database over', () => {
  const holder = { epoch: 1, host: 'h', pid: 1, backend: 2, takenMs: 0, seenMs: 1_000, released: false }
  it.each([
    [undefined, { lockFree: true, nowMs: 0 }, 'take'],
    [holder, { lockFree: true, nowMs: 1_001 }, 'take'],
    [holder, { lockFree: false, nowMs: 1_000 + leaseMs }, 'refuse'],
    [holder, { lockFree: false, nowMs: 1_001 + leaseMs }, 'evict'],
    [{ ...holder, released: true }, { lockFree: false, nowMs: 1_001 }, 'evict'],
  ] as const)('%o with %o: %s', (before, now, expected) => {
    expect(decideTakeOver(before, now)).toBe(expected)
  })
})

describe('a database', () => {
  it('has one server at a time, which is named to others, and is free when that has stopped', async () => {
    const first = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(new RegExp(`process ${process.pid} on .+, since \\d{4}-`)) as unknown,
      hint: expect.stringContaining('30 s after its last sign') as unknown,
    })
    await addSetting(first, 'first')
    await first.database.close()
    const second = await open()
    await addSetting(second, 'second')
    await second.database.close()
    expect(await listSettings()).toEqual(['first', 'second'])
    expect(await ask('select epoch from owner')).toEqual([{ epoch: 2 }])
  })

  it('takes no commit of a server whose epoch has passed, even over a connection that lives', async () => {
    const first = await open()
    await ask("update owner set epoch = epoch + 1, host = 'elsewhere', pid = 77")
    await expect(addSetting(first, 'late')).rejects.toThrow(/taken over by the server with process 77 on elsewhere/)
    await expect(addSetting(first, 'later')).rejects.toMatchObject({ code: 'unavailable' })
    expect(first.replaced).toHaveLength(1)
    expect(await listSettings()).toEqual([])
    await first.database.close()
  })

  it('notices by its sign of life alone', async () => {
    const first = await open()
    await first.database.upkeep?.run()
    await ask('update owner set epoch = epoch + 1')
    await expect(first.database.upkeep?.run()).rejects.toThrow('taken over')
    expect(first.replaced).toHaveLength(1)
  })

  it('commits nothing of a transaction that was open while it was taken over', async () => {
    const first = await open()
    const work = async () => {
      await first.database.run("insert into setting (key, value) values ('open', '1')")
      await first.database.all('select 1 as one')
      await ask('update owner set epoch = epoch + 1')
    }
    await expect(first.database.transaction(work)).rejects.toThrow('taken over')
    expect(await listSettings()).toEqual([])
    await first.database.close()
  })

  it('is taken from a server that gives no sign, and its session is ended', async () => {
    const first = await open()
    await ask(`update owner set seen_ms = seen_ms - ${leaseMs + 1}`)
    const second = await open()
    await expect(addSetting(first, 'late')).rejects.toThrow()
    await addSetting(second, 'second')
    expect(await listSettings()).toEqual(['second'])
    await first.database.close()
    await second.database.close()
  })

  it('is left alone when other things live in it, and when a newer version has used it', async () => {
    await ask('create table job (id bigint)')
    await expect(open()).rejects.toThrow('The database has tables already that pilothouse did not make: job')
    await ask('drop table job')
    await (await open()).database.close()
    await ask("insert into migration (name, at_ms) values ('9999-future', 1)")
    await expect(open()).rejects.toThrow(/newer version of pilothouse.*9999-future/)
  })
})

describe('a connection that is lost', () => {
  it('comes back by itself, and nothing runs before what memory holds was read anew', async () => {
    const one = await open()
    await ask('select pg_terminate_backend(cast(backend as integer)) as ended from owner')
    await expect(addSetting(one, 'lost')).rejects.toMatchObject({ code: 'unavailable' })
    await one.back
    await expect(addSetting(one, 'early')).rejects.toMatchObject({ code: 'unavailable' })
    one.database.connection?.resume()
    await addSetting(one, 'kept')
    expect(one.lost).toHaveLength(1)
    expect(await listSettings()).toEqual(['kept'])
    await one.database.close()
  })

  it('without PostgreSQL knowing leaves no session behind that holds locks or commits late', async () => {
    const wire = await openWire(url())
    const one = await open(wire.url)
    const work = async () => {
      await one.database.run("insert into setting (key, value) values ('held', '1')")
      await one.database.all('select 1 as one')
      wire.sever()
      await one.database.all('select 1 as one')
    }
    await expect(one.database.transaction(work)).rejects.toMatchObject({ code: 'unavailable' })
    await one.back
    one.database.connection?.resume()
    // Would wait for the end of the transaction before, which never comes.
    await addSetting(one, 'held')
    expect(await listSettings()).toEqual(['held'])
    await one.database.close()
    await wire.close()
  })

  it('loses nothing acknowledged, and goes on by itself under load', async () => {
    const test = await openTestStorage({ dataFolder: folder, databaseUrl: url() })
    await test.put('job-1')
    const acknowledged: number[] = []
    for (let number = 1; number <= 60; number += 1) {
      if (number % 20 === 10) await ask('select pg_terminate_backend(cast(backend as integer)) as ended from owner')
      const values = Array.from({ length: 40 }, (_, row) => number * 40 + row)
      const parts = {
        number,
        points: [pointsOf({ loss: values }, { first: number * 40 })],
        logs: [linesOf([`${number}`])],
      }
      const send = (): Promise<unknown> =>
        test.report('job-1', parts).catch((error: { code?: string }) => {
          expect(error.code).toBe('unavailable')
          return send()
        })
      await send()
      acknowledged.push(number)
    }
    const [loss] = (await test.query('job-1')).series
    expect(loss?.total).toBe(acknowledged.length * 40)
    expect((await test.storage.call('logs.page', { uid: 'job-1', query: { count: 100 } })).lines).toHaveLength(60)
    await test.storage.close()
  }, 60_000)
})

/** A way to the database; severed, the far end hears nothing of it, as when packets are swallowed. */
async function openWire(address: string): Promise<{ url: string; sever(): void; close(): Promise<void> }> {
  const [target, here] = [new URL(address), new URL(address)]
  const [near, far] = [new Set<Socket>(), new Set<Socket>()]
  const server = createServer((from) => {
    const to = connect(Number(target.port), target.hostname)
    near.add(from)
    far.add(to)
    from.on('data', (bytes: Buffer) => to.write(bytes)).on('error', () => undefined)
    to.on('data', (bytes: Buffer) => from.write(bytes)).on('error', () => undefined)
    to.on('close', () => from.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const own = server.address()
  here.port = String(typeof own === 'object' ? own?.port : own)
  return {
    url: here.href,
    sever: () => near.forEach((socket) => socket.destroy()),
    close: async () => {
      for (const socket of [...near, ...far]) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('a server that was paused', () => {
  it('wakes after another has taken over, commits nothing any more, and stops', async () => {
    const reporter = startReporter()
    const numbers: number[] = []
    const enough = Promise.withResolvers<void>()
    createInterface({ input: reporter.stdout! }).on('line', (line) => {
      numbers.push(Number(line))
      if (numbers.length === 40) enough.resolve()
    })
    let said = ''
    reporter.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
    await enough.promise
    await pauseBetweenCommits(reporter)
    const other = await mkdtemp(join(tmpdir(), 'pilothouse-owner-'))
    const successor = await openTestStorage({ dataFolder: other, databaseUrl: url() })
    const before = (await successor.query('job-1')).series[0]?.total ?? 0
    const ended = once(reporter, 'exit')
    reporter.kill('SIGCONT')
    const [code] = (await ended) as [number | null]
    expect(code).not.toBe(0)
    expect(said).toContain('has been taken over by the server with process')
    const after = (await successor.query('job-1')).series[0]?.total ?? 0
    expect(after).toBe(before)
    expect(before).toBeGreaterThanOrEqual(numbers.length * 50)
    await successor.storage.close()
    await rm(other, { recursive: true, force: true })
  }, 60_000)

  it('and one that was killed is replaced at once', async () => {
    const reporter = startReporter()
    await once(createInterface({ input: reporter.stdout! }), 'line')
    const ended = once(reporter, 'exit')
    reporter.kill('SIGKILL')
    await ended
    const successor = await startStorage({ dataFolder: folder, databaseUrl: url(), lostAfterMs: 900_000 })
    expect(await successor.call('storage.status', null)).toMatchObject({ kind: 'postgres' })
    await successor.close()
  })
})

/** Pauses it, its last sign long ago. Within a commit it would hold the very row that says so: then it goes on for a moment. */
async function pauseBetweenCommits(reporter: ChildProcess): Promise<void> {
  const free = 'select id from owner for update skip locked'
  for (let aged = 0; aged === 0;) {
    reporter.kill('SIGSTOP')
    const rows = await ask(`update owner set seen_ms = seen_ms - ${leaseMs + 1} where id in (${free}) returning epoch`)
    aged = rows.length
    if (aged === 0) reporter.kill('SIGCONT')
  }
}

function startReporter(): ChildProcess {
  const script = fileURLToPath(new URL('./ingest-until-killed.ts', import.meta.url))
  return spawn(process.execPath, [script, folder, '1', url()], { stdio: ['ignore', 'pipe', 'pipe'] })
}
