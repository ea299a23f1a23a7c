/**
 * After the end of a group: all its heads are sealed, and its chunks are rewritten one series after another, short ones
 * joined to full ones. Chunks of a live group lie in the file as they were sealed; a cold read of 40 series scattered like
 * that took 134 ms. A window of 64 chunks is one step, so a series of any length is done in slices.
 */
import { encodeAxisPiece } from './axis.ts'
import { chunkPoints, decodeChunk, encodeChunk } from './chunk.ts'
import type { Group, Series } from './group.ts'
import { openGroup } from './load-group.ts'
import { writePages } from './lod-page.ts'
import { forgetGroup } from './memory.ts'
import { encodeOutline, outlineValues } from './outline.ts'
import { type Compaction, isSpent, type Room, runSlice, type Slice, takeBytes, takeNumber } from './room.ts'
import { sealGroup } from './seal-heads.ts'
import type { SqlRow } from './types.ts'

const windowChunks = 64
const markEnded = 'insert into ended (owner) values (?) on conflict (owner) do nothing'
const unmarkEnded = 'delete from ended where owner = ?'
const readWindow = `select id, start, n, outline, data from chunk where series = ? and start >= ? order by start limit ${windowChunks}`
const deleteWindow = 'delete from chunk where series = ? and start >= ? and start <= ?'
const insertChunk = 'insert into chunk (series, start, n, outline, data) values (?, ?, ?, ?, ?)'
const deletePages = 'delete from lod where series = ? and until > ?'

/** Remembers that a group has ended, also over a restart. */
export async function markGroupEnded(room: Room, id: number): Promise<void> {
  await runSlice(room, async (slice) => {
    await room.db.run(markEnded, [id])
    slice.after.push(() => room.ended.set(id, { cursor: 0, moved: false }))
  })
}

/** One slice of the group that has waited longest. */
export async function compactStep(room: Room): Promise<void> {
  for (const [id, state] of room.ended) {
    const group = await openGroup(room, id)
    const draft = { ...state, ...(state.waiting ? { waiting: [...state.waiting] } : {}) }
    await runSlice(room, async (slice) => {
      const done = await compactSome(room, slice, { group, draft })
      if (done) await room.db.run(unmarkEnded, [id])
      slice.after.push(() => (done ? leaveGroup(room, group) : room.ended.set(id, draft)))
    })
    return
  }
}

type Work = { group: Group; draft: Compaction }

/** Returns true when the group is done. */
async function compactSome(room: Room, slice: Slice, { group, draft }: Work): Promise<boolean> {
  if (!draft.waiting) {
    const whole = await sealGroup(room, slice, { group, least: 1 })
    if (whole) draft.waiting = [...group.series.keys()].toSorted((one, other) => one - other)
    return false
  }
  while (draft.waiting.length > 0) {
    const series = group.series.get(draft.waiting[0] ?? 0)
    if (!series || (await compactWindow(room, slice, { series, draft }))) {
      draft.waiting.shift()
      draft.cursor = 0
      draft.moved = false
    }
    if (isSpent(room, slice)) break
  }
  return draft.waiting.length === 0
}

function leaveGroup(room: Room, group: Group): void {
  room.ended.delete(group.id)
  const clean = group.dirtyFrom === undefined && group.staged <= room.appliedSeq
  if (clean && room.groups.get(group.id) === group) forgetGroup(room, group)
}

/** Rewrites the next chunks of a series. Returns true when it was the last window. */
async function compactWindow(
  room: Room,
  slice: Slice,
  { series, draft }: { series: Series; draft: Compaction },
): Promise<boolean> {
  const rows = await room.db.all(readWindow, [series.id, draft.cursor])
  const last = rows.length < windowChunks
  const lengths = rows.map((row) => takeNumber(row, 'n'))
  const even = lengths.every((length, at) => length === chunkPoints || (last && at === lengths.length - 1))
  const joined = even ? undefined : joinChunks(rows)
  if (joined) draft.cursor = await rewriteWindow(room, slice, { series, rows, joined })
  else {
    if (!isInOrder(rows)) await moveWindow(room, series, rows)
    draft.cursor = takeEnd(rows) ?? draft.cursor
  }
  draft.moved ||= joined !== undefined
  if (last && draft.moved) await writePages(room, slice, { series: { ...series, unpaged: undefined }, added: 0 })
  return last
}

/** The same rows behind all others. */
async function moveWindow(room: Room, series: Series, rows: readonly SqlRow[]): Promise<void> {
  await deleteRows(room, series, rows)
  for (const row of rows) {
    const blobs = [takeBytes(row, 'outline'), takeBytes(row, 'data')]
    await room.db.run(insertChunk, [series.id, takeNumber(row, 'start'), takeNumber(row, 'n'), ...blobs])
  }
}

type Joined = { columns: Float64Array[]; length: number }

/** Writes full chunks and a short one behind them; returns where the next window begins. */
async function rewriteWindow(
  room: Room,
  slice: Slice,
  { series, rows, joined }: { series: Series; rows: readonly SqlRow[]; joined: Joined },
): Promise<number> {
  const start = takeNumber(rows[0], 'start')
  await deleteRows(room, series, rows)
  await room.db.run(deletePages, [series.id, start])
  for (let from = 0; from < joined.length; from += chunkPoints) {
    const until = Math.min(joined.length, from + chunkPoints)
    const parts = joined.columns.map((column) => column.subarray(from, until))
    const values = parts[3] ?? new Float64Array(0)
    const piece = encodeAxisPiece(parts.slice(0, 3), until - from)
    const outline = encodeOutline(outlineValues(piece.records, values), piece.outline)
    await room.db.run(insertChunk, [series.id, start + from, until - from, outline, encodeChunk(piece, values)])
  }
  slice.after.push(() => {
    series.unpaged = undefined
    room.indexes.drop(series.id)
  })
  const rest = joined.length % chunkPoints
  return start + joined.length - (rows.length < windowChunks ? 0 : rest)
}

async function deleteRows(room: Room, series: Series, rows: readonly SqlRow[]): Promise<void> {
  await room.db.run(deleteWindow, [series.id, takeNumber(rows[0], 'start'), takeNumber(rows.at(-1), 'start')])
}

/** All points of the rows; undefined when one of them is damaged: they stay as they are, so that nothing more is lost. */
function joinChunks(rows: readonly SqlRow[]): Joined | undefined {
  const room = rows.length * chunkPoints
  const columns = Array.from({ length: 4 }, () => new Float64Array(room))
  let length = 0
  try {
    for (const row of rows) {
      const from = length
      length += decodeChunk(
        takeBytes(row, 'data'),
        columns.map((column) => column.subarray(from)),
      )
    }
  } catch {
    return undefined
  }
  return { columns, length }
}

/** They lie one behind the other already. */
function isInOrder(rows: readonly SqlRow[]): boolean {
  const first = rows[0] ? takeNumber(rows[0], 'id') : 0
  return rows.every((row, at) => takeNumber(row, 'id') === first + at)
}

function takeEnd(rows: readonly SqlRow[]): number | undefined {
  const row = rows.at(-1)
  return row ? takeNumber(row, 'start') + takeNumber(row, 'n') : undefined
}
