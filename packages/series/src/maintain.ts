/**
 * Work between operations, the most urgent first: full heads become chunks, deleted groups go, ended groups are compacted,
 * a full generation of the WAL is retired, memory beyond its limit is given back. Each step is one transaction of at most
 * about 20 ms; when it fails, nothing has changed.
 */
import { compactStep } from './compact-group.ts'
import { removeStep } from './delete-group.ts'
import { flushGroup } from './flush-group.ts'
import { countHead, type Group } from './group.ts'
import { forgetGroup, listIdle, measureTouched } from './memory.ts'
import { isSpent, type Room, runSlice, type Slice } from './room.ts'
import { sealGroup, sealRipe } from './seal-heads.ts'

/** Rows below zero were set aside because they are damaged (recover.ts). */
const deleteWal = 'delete from wal where seq > 0 and seq <= ?'
/**
 * Heads of so many points are sealed rather than flushed when memory is short: of a group that rests, and of one that was
 * written lately, which would otherwise leave memory and come back with its next report.
 */
const earlySealPoints = { resting: 256, written: 32 } as const
/** Written within so long counts as lately. */
const latelyMs = 30_000
/** Pages of deleted rows are read one by one, so a slice deletes no more. */
const walBytesAtOnce = 4 * 1024 * 1024

/** Works for about `budgetMs`, at least one step. Returns true when more is waiting. */
export async function maintainRoom(room: Room, budgetMs: number): Promise<boolean> {
  const until = room.limits.clock() + budgetMs
  for (;;) {
    const step = chooseStep(room)
    if (!step) break
    await step(room)
    if (room.limits.clock() >= until) break
  }
  room.indexes.shrink()
  return chooseStep(room) !== undefined
}

type Step = (room: Room) => Promise<void>

function chooseStep(room: Room): Step | undefined {
  measureTouched(room)
  if (room.ripe.size > 0) return sealRipe
  if (room.doomed) return removeStep
  if (room.ended.size > 0) return compactStep
  if (room.retireUpto === undefined && room.walBytes > room.limits.walBytesMax && room.wal.length > 1) {
    room.retireUpto = room.appliedSeq
  }
  if (room.retireUpto !== undefined) return retireStep
  return listIdle(room).length > 0 ? spillStep : undefined
}

/** Flushes groups that need the generation; when there is none left, deletes its rows. */
async function retireStep(room: Room): Promise<void> {
  const upto = room.retireUpto ?? 0
  const dirty = [...room.groups.values()].filter(({ dirtyFrom }) => dirtyFrom !== undefined && dirtyFrom <= upto)
  if (dirty.length === 0) return deleteRows(room, upto)
  await runSlice(room, (slice) => flushSome(room, slice, dirty))
}

async function flushSome(room: Room, slice: Slice, groups: readonly Group[]): Promise<void> {
  for (const group of groups) {
    await flushGroup(room, slice, group)
    if (isSpent(room, slice)) break
  }
}

/** The newest row always stays: the next start counts on from it. */
async function deleteRows(room: Room, upto: number): Promise<void> {
  const old = room.wal.slice(0, -1).filter(({ seq }) => seq <= upto)
  let bytes = 0
  const some = old.filter((row) => (bytes += row.bytes) - row.bytes < walBytesAtOnce)
  const last = some.at(-1)
  await runSlice(room, async (slice) => {
    if (last) await room.db.run(deleteWal, [last.seq])
    slice.after.push(() => {
      for (const row of room.wal.splice(0, some.length)) room.walBytes -= row.bytes
      if (some.length === old.length) room.retireUpto = undefined
    })
  })
}

/**
 * Gives memory back. Long heads are sealed early, though their chunks are short (they are joined when the group ends). Short
 * ones are flushed, and the group leaves memory.
 */
async function spillStep(room: Room): Promise<void> {
  await runSlice(room, async (slice) => {
    for (const group of listIdle(room)) {
      const least = chooseLeast(room, group)
      if (hasLongHead(group, least)) await sealGroup(room, slice, { group, least })
      else await spillGroup(room, slice, group)
      if (isSpent(room, slice)) break
    }
  })
}

async function spillGroup(room: Room, slice: Slice, group: Group): Promise<void> {
  if (group.dirtyFrom !== undefined) await flushGroup(room, slice, group)
  slice.after.push(() => group.dirtyFrom === undefined && forgetGroup(room, group))
}

function chooseLeast(room: Room, { writtenAt }: Group): number {
  return room.limits.clock() - writtenAt < latelyMs ? earlySealPoints.written : earlySealPoints.resting
}

function hasLongHead(group: Group, least: number): boolean {
  for (const series of group.series.values()) if (countHead(series) >= least) return true
  return false
}

/** Flushes every group that has points which tails have not. */
export async function flushAll(room: Room): Promise<void> {
  for (;;) {
    const dirty = [...room.groups.values()].filter(({ dirtyFrom }) => dirtyFrom !== undefined)
    if (dirty.length === 0) break
    await runSlice(room, (slice) => flushSome(room, slice, dirty))
  }
  while (room.wal.length > 1) await deleteRows(room, room.appliedSeq)
}
