/**
 * Who may write into a PostgreSQL database. The row of table `owner` counts an epoch up with every server that takes the
 * database over, and each commit of a server ends only if its epoch still is the one in that row (`guardCommit`). So a
 * server that was cut off, or paused, and has been replaced can commit nothing any more: whoever wakes up late finds out at
 * the commit itself, whatever it believed before.
 *
 *   free ── start ──▶ held ── stop ──▶ free          a server that ended in good order says so (released)
 *                      │
 *                      ├─ the session is gone ──▶ free      killed, or its connection cut: PostgreSQL lets its lock go
 *                      └─ no sign for leaseMs ──▶ free      paused, or its machine unreachable: its session is ended
 *
 * The advisory lock only tells quickly whether the holder's session lives; nothing is safe because of it. All times are
 * PostgreSQL's own, so clocks of servers need not agree.
 */
import { PilothouseError } from '@pilothouse/contract'
import type { SeriesDatabase, SqlRow, Statement } from '@pilothouse/series'

/** How often the holder gives a sign. */
export const beatEveryMs = 5_000
/** Without a sign for so long the database may be taken over although the holder's session lives. */
export const leaseMs = 30_000
/** A session that is told to end rolls back what it had begun first. */
const endMsMax = 5_000

const nowMs = 'cast(extract(epoch from clock_timestamp()) * 1000 as bigint)'
const lock = 'select pg_try_advisory_lock(7406, hashtext(current_schema())) as taken'
const find = "select to_regclass('owner') is not null as found"
const read = `select epoch, host, pid, backend, taken_ms, seen_ms, released_ms, ${nowMs} as now_ms from owner where id = 1`
const take = `insert into owner (id, epoch, host, pid, backend, taken_ms, seen_ms, released_ms)
  values (1, 1, ?, ?, pg_backend_pid(), ${nowMs}, ${nowMs}, null)
  on conflict (id) do update set epoch = owner.epoch + 1, host = excluded.host, pid = excluded.pid,
    backend = excluded.backend, taken_ms = excluded.taken_ms, seen_ms = excluded.seen_ms, released_ms = null
  where owner.epoch = ? returning epoch`
const beat = `update owner set seen_ms = ${nowMs}, backend = pg_backend_pid() where id = 1 and epoch = ?`
const release = `update owner set released_ms = ${nowMs} where id = 1 and epoch = ?`
/** Ends a session that holds locks of a transaction and will not go on. */
const evict = `select pg_terminate_backend(pid) as ended from pg_stat_activity
  where pid = ? and application_name = 'pilothouse' and datname = current_database()`
const endSession = `select pg_terminate_backend(pid, ?) as ended from pg_stat_activity
  where pid = ? and pid <> pg_backend_pid() and application_name = 'pilothouse' and datname = current_database()`
/** Fails by dividing by zero when the epoch is another one; the row stays as it is until the commit has ended. */
const guard = 'select 1 / count(*) as held from (select 1 from owner where id = 1 and epoch = ? for share) as held'

export type Holder = {
  epoch: number
  host: string
  pid: number
  backend: number
  takenMs: number
  seenMs: number
  released: boolean
}

/** This server has been replaced: it must not go on. */
export class ReplacedError extends Error {
  override name = 'ReplacedError'
}

/** The statement that ends every transaction which writes. */
export function guardCommit(epoch: number): Statement {
  return { sql: guard, parameters: [epoch] }
}

/** True for the failure of `guardCommit`. Nothing else of ours divides. */
export function isReplaced(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '22012'
}

export type TakeOver = 'take' | 'evict' | 'refuse'

/** Whether a server that starts may have the database. `lockFree`: the holder's session is gone. */
export function decideTakeOver(
  holder: Holder | undefined,
  { lockFree, nowMs: now }: { lockFree: boolean; nowMs: number },
): TakeOver {
  if (lockFree || !holder) return 'take'
  return holder.released || now - holder.seenMs > leaseMs ? 'evict' : 'refuse'
}

/**
 * Takes the database for this server; returns its epoch, or undefined when there is no table `owner` yet.
 * @throws PilothouseError `unavailable` when another server has it.
 */
export async function takeOwnership(
  database: SeriesDatabase,
  self: { host: string; pid: number },
): Promise<number | undefined> {
  const lockFree = await tryLock(database)
  if (!(await hasOwnerTable(database))) {
    if (!lockFree) throw refuse(undefined)
    return undefined
  }
  const [row] = await database.all(read)
  const holder = row && readHolder(row)
  const decision = decideTakeOver(holder, { lockFree, nowMs: Number(row?.['now_ms'] ?? 0) })
  if (decision === 'refuse') throw refuse(holder)
  if (decision === 'evict' && holder) {
    await database.all(evict, [holder.backend])
    await tryLock(database)
  }
  return claim(database, self, holder)
}

async function claim(
  database: SeriesDatabase,
  { host, pid }: { host: string; pid: number },
  before: Holder | undefined,
): Promise<number> {
  const [taken] = await database.transaction(() => database.all(take, [host, pid, before?.epoch ?? 0]))
  if (typeof taken?.['epoch'] === 'number') return taken['epoch']
  const [row] = await database.all(read)
  throw refuse(row && readHolder(row)) // another one was quicker
}

/** After the connection came back: still ours? @throws ReplacedError when it is not. */
export async function checkOwnership(database: SeriesDatabase, epoch: number): Promise<void> {
  const [row] = await database.all(read)
  const holder = row && readHolder(row)
  if (holder?.epoch !== epoch) throw explainReplaced(holder)
}

/**
 * Ends a session of our own whose connection was lost. Where packets were swallowed PostgreSQL may not know for hours: what
 * the session had begun would hold its locks, and what still is on the way to it could be committed late, behind our back.
 * @throws PilothouseError `unavailable` when it has not ended within `endMsMax`.
 */
export async function endLostSession(database: SeriesDatabase, backend: number): Promise<void> {
  const [row] = await database.all(endSession, [endMsMax, backend])
  if (row !== undefined && row['ended'] !== 1)
    throw new PilothouseError('unavailable', 'The session before this one has not ended yet.')
}

/** A sign of life. Fails at its commit when the database is another's. */
export function giveSign(database: SeriesDatabase, epoch: number): Promise<void> {
  return database.transaction(() => database.run(beat, [epoch]))
}

/** The next server need not wait. */
export function releaseOwnership(database: SeriesDatabase, epoch: number): Promise<void> {
  return database.transaction(() => database.run(release, [epoch]))
}

/** Who has the database instead, as far as it can be told. */
export async function describeReplaced(database: SeriesDatabase): Promise<ReplacedError> {
  const rows = await database.all(read).catch(() => [])
  return explainReplaced(rows[0] && readHolder(rows[0]))
}

/** Whether the session has the lock now; asking again where it has it already changes nothing that matters. */
export async function tryLock(database: SeriesDatabase): Promise<boolean> {
  const [row] = await database.all(lock)
  return row?.['taken'] === 1
}

async function hasOwnerTable(database: SeriesDatabase): Promise<boolean> {
  const [row] = await database.all(find)
  return row?.['found'] === 1
}

function readHolder(row: SqlRow): Holder {
  return {
    epoch: Number(row['epoch']),
    host: String(row['host']),
    pid: Number(row['pid']),
    backend: Number(row['backend']),
    takenMs: Number(row['taken_ms']),
    seenMs: Number(row['seen_ms']),
    released: row['released_ms'] !== null,
  }
}

function refuse(holder: Holder | undefined): PilothouseError {
  const who = holder ? describeHolder(holder) : 'another server, which has only just begun'
  return new PilothouseError('unavailable', `The database is in use by ${who}.`, {
    hint: `Stop that server first, or name another database with --database. One that no longer answers is replaced ${leaseMs / 1000} s after its last sign.`,
  })
}

function explainReplaced(holder: Holder | undefined): ReplacedError {
  const who = holder ? describeHolder(holder) : 'another server'
  return new ReplacedError(
    `The database has been taken over by ${who}. This server has stored nothing since and stops; what it acknowledged is safe.`,
  )
}

function describeHolder({ host, pid, takenMs }: Holder): string {
  return `the server with process ${pid} on ${host}, since ${new Date(takenMs).toISOString()}`
}
