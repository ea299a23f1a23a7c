/** Deletion: first a group loses its name in one transaction and is gone for everybody; then its chunks go in slices. */
import { forgetGroup } from './memory.ts'
import { isSpent, type Room, runSlice, type Slice, takeNumber } from './room.ts'

const doom = 'update series set owner = ? where owner = ?'
const listSeries = 'select id from series where owner = ?'
const deleteTail = 'delete from tail where owner = ?'
const deleteSummary = 'delete from summary where owner = ?'
const deleteEnded = 'delete from ended where owner = ?'
const chunksAtOnce = 200
const seriesAtOnce = 100
const listDoomed = `select id from series where owner < 0 order by owner, id limit ${seriesAtOnce}`
const findCut = `select start from chunk where series = ? order by start limit 1 offset ${chunksAtOnce - 1}`
const deleteChunks = 'delete from chunk where series = ? and start <= ?'
const deletePages = 'delete from lod where series = ?'
const deleteSeries = 'delete from series where id = ?'

/** Nobody finds the group any more once this resolves; `removeStep` does the rest. */
export async function doomGroup(room: Room, id: number): Promise<void> {
  const doomedOwner = -1 - id
  // The names of an earlier group with this id would be in the way.
  while ((await room.db.all(listSeries, [doomedOwner])).length > 0) await removeStep(room)
  await runSlice(room, async (slice) => {
    const series = await room.db.all(listSeries, [id])
    await room.db.run(doom, [doomedOwner, id])
    for (const sql of [deleteTail, deleteSummary, deleteEnded]) await room.db.run(sql, [id])
    slice.after.push(() => forgetDoomed(room, { id, series: series.map((row) => takeNumber(row, 'id')) }))
  })
}

/** One slice of removal. */
export async function removeStep(room: Room): Promise<void> {
  await runSlice(room, async (slice) => {
    const rows = await room.db.all(listDoomed)
    for (const row of rows) {
      await removeSeries(room, slice, takeNumber(row, 'id'))
      if (isSpent(room, slice)) return
    }
    if (rows.length < seriesAtOnce) slice.after.push(() => (room.doomed = false))
  })
}

async function removeSeries(room: Room, slice: Slice, id: number): Promise<void> {
  // At least once: on a database that takes its time the question for what is doomed has spent the slice already.
  do {
    const [cut] = await room.db.all(findCut, [id])
    await room.db.run(deleteChunks, [id, cut ? takeNumber(cut, 'start') : Number.MAX_SAFE_INTEGER])
    if (cut) continue
    await room.db.run(deletePages, [id])
    await room.db.run(deleteSeries, [id])
    return
  } while (!isSpent(room, slice))
}

function forgetDoomed(room: Room, { id, series }: { id: number; series: readonly number[] }): void {
  const group = room.groups.get(id)
  if (group) forgetGroup(room, group)
  room.ended.delete(id)
  for (const one of series) room.indexes.drop(one)
  room.doomed = true
}
