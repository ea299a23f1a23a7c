/** A group as it is in memory, or read from the database. */
import { chunkPoints } from './chunk.ts'
import type { Axis, Rows } from './axis.ts'
import { addSeries, appendRows, countHead, type Group, makeGroup, makeSeries, type Series } from './group.ts'
import { cutToChunks, rebuildSummary } from './repair.ts'
import { readOrTell, type Room, takeBytes, takeNumber, takeText } from './room.ts'
import { viewRun } from './run.ts'
import { decodeSummary, type SummaryRecord } from './summary.ts'
import { decodeTail, type TailHead } from './tail.ts'
import { decodeText } from './text.ts'

const readNames = 'select id, branch, source, key, born from series where owner = ? order by id'
const readTail = 'select upto_seq, data from tail where owner = ?'
const readSummary = 'select data from summary where owner = ?'

/** The group with its heads, from memory if it is there. It is then the one used most recently. */
export async function openGroup(room: Room, id: number): Promise<Group> {
  const known = room.groups.get(id)
  if (known) {
    room.groups.delete(id)
    room.groups.set(id, known)
    return known
  }
  return (await loadGroup(room, id)).group
}

/** `uptoSeq` is the newest WAL row that a group has. Numbers of points are uncertain when its tail could not be read. */
export type LoadedGroup = { group: Group; uptoSeq: number; uncertain: boolean }

/** Reads a group into memory. What is damaged of it is told and left out. */
export async function loadGroup(room: Room, id: number): Promise<LoadedGroup> {
  const group = await readGroup(room, id)
  const tail = (await room.db.all(readTail, [id]))[0]
  const heads = tail ? readOrTell(room, `The tail of group ${id}`, () => decodeTail(takeBytes(tail, 'data'))) : []
  if (heads) for (const head of heads) placeHead(group, head)
  else await cutToChunks(room, group)
  room.groups.set(id, group)
  room.touched.add(group)
  if (isRipe(group)) room.ripe.add(group)
  return { group, uptoSeq: tail ? takeNumber(tail, 'upto_seq') : 0, uncertain: heads === undefined }
}

/** Names and summaries only, not kept in memory. Good for what needs no points. */
export async function readGroup(room: Room, id: number): Promise<Group> {
  const group = makeGroup(id)
  for (const row of await room.db.all(readNames, [id])) {
    const name = {
      branch: takeNumber(row, 'branch'),
      source: decodeText(takeText(row, 'source')),
      key: decodeText(takeText(row, 'key')),
    }
    addSeries(group, makeSeries(id, takeNumber(row, 'id'), takeNumber(row, 'born'), name))
  }
  if (group.series.size === 0) return group
  const summary = (await room.db.all(readSummary, [id]))[0]
  if (!summary) return group
  const records = readOrTell(room, `The summary of group ${id}`, () => decodeSummary(takeBytes(summary, 'data')))
  if (records) placeSummary(group, records)
  else await rebuildSummary(room, group)
  return group
}

export function isRipe(group: Group): boolean {
  for (const series of group.series.values()) if (countHead(series) >= chunkPoints) return true
  return false
}

function placeSummary(group: Group, records: readonly SummaryRecord[]): void {
  for (const { id, ...known } of records) {
    const series = group.series.get(id)
    if (series) Object.assign(series, known, { sealed: known.total } satisfies Partial<Series>)
  }
}

function placeHead(group: Group, { series: id, sealed, length, head }: TailHead): void {
  const series = group.series.get(id)
  if (!series) return
  // A summary put together from chunks ends where the tail begins.
  if (series.total === sealed) appendRows([series], cutAxis(head.axis, length), [viewRun(head.values, 0, length)])
  series.sealed = sealed
  series.head = head
}

function cutAxis({ steps, times, epochs }: Axis, length: number): Rows {
  return {
    steps: viewRun(steps, 0, length),
    times: viewRun(times, 0, length),
    epochs: epochs && viewRun(epochs, 0, length),
  }
}
