/** From heads to chunks: 1,024 points at a time, or all that is there when a group has ended. */
import { chunkPoints, encodeChunk } from './chunk.ts'
import { countHead, dropSealed, type Group, type Series } from './group.ts'
import { writePages } from './lod-page.ts'
import { encodeOutline, outlineValues } from './outline.ts'
import { flushGroup } from './flush-group.ts'
import { isRipe } from './load-group.ts'
import { isSpent, type Room, runSlice, type Slice } from './room.ts'
import { viewRun } from './run.ts'

const insertChunk = 'insert into chunk (series, start, n, outline, data) values (?, ?, ?, ?, ?)'
/** With fewer open points than this share of what was sealed, the tail is written along: the group is then clean. */
const cheapTailShare = 0.25

/** Seals full heads of the groups that have some. */
export async function sealRipe(room: Room): Promise<void> {
  await runSlice(room, async (slice) => {
    for (const group of room.ripe) {
      await sealGroup(room, slice, { group, least: chunkPoints })
      slice.after.push(() => !isRipe(group) && room.ripe.delete(group))
      if (isSpent(room, slice)) break
    }
  })
}

/**
 * Seals all heads of a group that have at least `least` points, until the slice is spent. Returns true when it came to
 * the end.
 */
export async function sealGroup(
  room: Room,
  slice: Slice,
  { group, least }: { group: Group; least: number },
): Promise<boolean> {
  const sealing = new Map<Series, number>()
  let whole = true
  for (const series of group.series.values()) {
    if (countHead(series) < least || !series.head) continue
    if (sealing.size > 0 && isSpent(room, slice)) {
      whole = false
      break
    }
    sealing.set(series, await sealSeries(room, slice, { series, least }))
  }
  if (sealing.size > 0 || least < chunkPoints) await flushIfDue(room, slice, group, sealing)
  slice.after.push(() => learnSealed(room, group, sealing))
  return whole
}

/** Writes chunks of one head; returns how many points they have. */
async function sealSeries(
  room: Room,
  slice: Slice,
  { series, least }: { series: Series; least: number },
): Promise<number> {
  const length = countHead(series)
  let from = 0
  let chunks = 0
  while (length - from >= least && (chunks === 0 || !isSpent(room, slice))) {
    const count = Math.min(chunkPoints, length - from)
    await writeChunk(room, slice, series, { from, count })
    from += count
    chunks += 1
  }
  await writePages(room, slice, { series, added: chunks })
  return from
}

async function writeChunk(room: Room, slice: Slice, series: Series, { from, count }: { from: number; count: number }) {
  if (!series.head) return
  const { axis, values: run } = series.head
  const piece = axis.piece(from, count)
  const values = viewRun(run, from, from + count)
  const records = outlineValues(piece.records, values)
  const start = series.sealed + from
  const outline = encodeOutline(records, piece.outline)
  await room.db.run(insertChunk, [series.id, start, count, outline, encodeChunk(piece, values)])
  slice.after.push(() => room.indexes.append(series.id, start, records))
}

/**
 * The tail is written along when that costs little. It must be when no WAL row speaks of the group any more: after a crash
 * nothing else would tell that points of its tail are in a chunk by now.
 */
async function flushIfDue(room: Room, slice: Slice, group: Group, sealing: ReadonlyMap<Series, number>) {
  let sealed = 0
  for (const count of sealing.values()) sealed += count
  let open = -sealed
  for (const series of group.series.values()) open += countHead(series)
  if (group.dirtyFrom === undefined || open <= sealed * cheapTailShare) await flushGroup(room, slice, group, sealing)
}

function learnSealed(room: Room, group: Group, sealing: ReadonlyMap<Series, number>): void {
  const left = new Set([...sealing.keys()].map(({ head }) => head?.axis))
  for (const [series, count] of sealing) dropSealed(series, count)
  // Heads that stay behind must not keep a long axis alive.
  for (const series of group.series.values()) {
    const { head } = series
    if (head && left.has(head.axis) && head.axis.length > countHead(series)) {
      series.head = { axis: head.axis.take(0, countHead(series)), values: head.values }
    }
  }
  room.touched.add(group)
}
