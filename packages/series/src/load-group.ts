/** A group as it is in memory, or read from the database. */
import { chunkPoints } from './chunk.ts'
import { addSeries, countHead, type Group, makeGroup, makeSeries, type Series } from './group.ts'
import { readStored, type Room, takeBytes, takeNumber, takeText } from './room.ts'
import { decodeSummary } from './summary.ts'
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

/** Reads a group into memory. `uptoSeq` is the newest WAL row that it has. */
export async function loadGroup(room: Room, id: number): Promise<{ group: Group; uptoSeq: number }> {
  const group = await readGroup(room, id)
  const tail = (await room.db.all(readTail, [id]))[0]
  const heads = tail ? readStored(`The tail of group ${id}`, () => decodeTail(takeBytes(tail, 'data'))) : []
  for (const head of heads) placeHead(group, head)
  room.groups.set(id, group)
  room.touched.add(group)
  if (isRipe(group)) room.ripe.add(group)
  return { group, uptoSeq: tail ? takeNumber(tail, 'upto_seq') : 0 }
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
  if (summary) placeSummary(group, takeBytes(summary, 'data'))
  return group
}

export function isRipe(group: Group): boolean {
  for (const series of group.series.values()) if (countHead(series) >= chunkPoints) return true
  return false
}

function placeSummary(group: Group, data: Uint8Array): void {
  for (const { id, ...known } of readStored(`The summary of group ${group.id}`, () => decodeSummary(data))) {
    const series = group.series.get(id)
    if (series) Object.assign(series, known, { sealed: known.total } satisfies Partial<Series>)
  }
}

function placeHead(group: Group, { series: id, sealed, head }: TailHead): void {
  const series = group.series.get(id)
  if (!series) return
  series.sealed = sealed
  series.head = head
}
