/** What the operations of the store share: the database, what memory holds of it, and the limits. */
import { PilothouseError } from '@pilothouse/contract'
import type { Group, Series } from './group.ts'
import type { IndexCache } from './series-index.ts'
import type { SeriesDatabase, SqlRow } from './types.ts'

export type SeriesOptions = {
  /** Memory of groups and their heads. Beyond it the groups used least recently are flushed and leave memory. */
  headBytesMax?: number
  /** Memory of outlines kept for queries. Beyond it those used least recently are dropped. */
  indexBytesMax?: number
  /** Size of a generation of the WAL. Once it is full, what it has of open heads is flushed and its rows go. */
  walBytesMax?: number
  /** Points of chunks that lie across one another, which a moving average puts in order; of more it takes bucket means. */
  togetherPointsMax?: number
  /** Monotonic milliseconds. */
  clock?: () => number
  /** Told once of each piece of stored data that cannot be read and is left out; all else goes on. */
  onDamage?: (text: string) => void
}

export type Limits = Required<SeriesOptions>

export const defaultLimits: Limits = {
  headBytesMax: 128 * 1024 * 1024,
  indexBytesMax: 64 * 1024 * 1024,
  walBytesMax: 16 * 1024 * 1024,
  togetherPointsMax: 2_000_000,
  clock: () => performance.now(),
  onDamage: (text) => process.emitWarning(text),
}

/** A piece of maintenance works at most so long in one transaction. */
export const sliceMs = 12

export type Room = {
  readonly db: SeriesDatabase
  readonly limits: Limits
  /** In order of use, the one used least recently first. */
  readonly groups: Map<number, Group>
  /** Groups with a head of a chunk or more. */
  readonly ripe: Set<Group>
  /** Groups whose memory is to be measured again. */
  readonly touched: Set<Group>
  /** Groups that have ended and wait to be compacted: how far that has come. */
  readonly ended: Map<number, Compaction>
  /** Series of deleted groups are still in the database. */
  doomed: boolean
  readonly indexes: IndexCache
  /** What has been told of damage. */
  readonly told: Set<string>
  /** Rows of table `wal`, in order. */
  readonly wal: { seq: number; bytes: number }[]
  walBytes: number
  /** The generation being retired ends with this row. */
  retireUpto: number | undefined
  nextSeq: number
  /** Newest WAL row that memory has. */
  appliedSeq: number
  /** Sum of `bytes` over `groups`. */
  groupBytes: number
}

/** How far the compaction of a group has come. */
export type Compaction = {
  /** Absent until the heads are sealed. */
  waiting?: number[]
  /** Of the first of `waiting`: number of the first point not rewritten yet. */
  cursor: number
  /** Boundaries of chunks have moved in it. */
  moved: boolean
}

/** Work in one transaction, and what memory learns once it has committed. */
export type Slice = {
  readonly until: number
  readonly after: (() => void)[]
}

/** Runs `work` in one transaction, then brings memory up to date. */
export async function runSlice<Result>(room: Room, work: (slice: Slice) => Promise<Result>): Promise<Result> {
  const slice: Slice = { until: room.limits.clock() + sliceMs, after: [] }
  const result = await room.db.transaction(() => work(slice))
  for (const learn of slice.after) learn()
  return result
}

export function isSpent(room: Room, slice: Slice): boolean {
  return room.limits.clock() >= slice.until
}

export function takeNumber(row: SqlRow | undefined, column: string): number {
  const value = row?.[column]
  if (typeof value === 'number') return value
  throw new PilothouseError('internal', `Column ${column} of the metric store holds no number.`)
}

export function takeText(row: SqlRow, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw new PilothouseError('internal', `Column ${column} of the metric store holds no text.`)
}

export function takeBytes(row: SqlRow, column: string): Uint8Array {
  const value = row[column]
  if (value instanceof Uint8Array) return value
  throw new PilothouseError('internal', `Column ${column} of the metric store holds no bytes.`)
}

/** Reads a stored blob, or says whose it is and why it cannot be read. */
export function readStored<Result>(what: string, read: () => Result): Result {
  try {
    return read()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PilothouseError('internal', `${what} cannot be read: ${why}.`, {
      cause,
      hint: 'The stored data is damaged. Other series are not touched; bring this one back from a backup or delete its job.',
    })
  }
}

/** Pieces of damage that are told apart; what is beyond is told again and again. */
const toldMax = 1_000

/** Reads a stored blob; undefined, and told, when it cannot be read. */
export function readOrTell<Result>(room: Room, what: string, read: () => Result): Result | undefined {
  try {
    return read()
  } catch (cause) {
    const text = `${what} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`
    if (!room.told.has(text)) room.limits.onDamage(text)
    if (room.told.size < toldMax) room.told.add(text)
    return undefined
  }
}

export function describeSeries({ group, branch, source, key }: Series): string {
  return `series «${key}» (source ${source}, branch ${branch}, group ${group})`
}
