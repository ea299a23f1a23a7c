/**
 * Pages of table `lod`: outlines of 64 whole chunks each (bytes.ts; the count is their number): a column with the number
 * of each chunk's first point, then their records (outline.ts). Written once, when the 64th chunk behind the last page is
 * sealed; so a series of 10 M points opens by 153 pages and at most 63 chunks.
 */
import { ByteReader, scratch } from './bytes.ts'
import { decodeColumn, encodeColumn } from './column.ts'
import type { Series } from './group.ts'
import { decodeOutline, foldOutline, readRecords, stride, writeRecords } from './outline.ts'
import { describeSeries, readStored, type Room, type Slice, takeBytes, takeNumber } from './room.ts'

export const pageChunks = 64

const readUntil = 'select max(until) as until from lod where series = ?'
const countChunks = 'select count(*) as n from chunk where series = ? and start >= ?'
const readOutlines = `select start, n, outline from chunk where series = ? and start >= ? order by start limit ${pageChunks}`
const insertPage = 'insert into lod (series, start, until, data) values (?, ?, ?, ?)'

/** Writes the pages that are full now that `added` chunks have been inserted. */
export async function writePages(
  room: Room,
  slice: Slice,
  { series, added }: { series: Series; added: number },
): Promise<void> {
  let unpaged = series.unpaged === undefined ? await countUnpaged(room, series) : series.unpaged + added
  while (unpaged >= pageChunks) {
    await writePage(room, series)
    unpaged -= pageChunks
  }
  slice.after.push(() => {
    series.unpaged = unpaged
  })
}

/** Number of the first point behind the last page. */
export async function readPagesEnd(room: Room, series: number): Promise<number> {
  const [row] = await room.db.all(readUntil, [series])
  return typeof row?.['until'] === 'number' ? row['until'] : 0
}

/** @throws BlobError when it is not what was written. */
export function decodePage(data: Uint8Array): { starts: Float64Array; records: Float64Array } {
  const reader = new ByteReader(data, 'lod')
  const starts = new Float64Array(reader.count)
  decodeColumn(reader, reader.count, starts)
  const records = readRecords(reader, reader.count)
  reader.finish()
  return { starts, records }
}

async function countUnpaged(room: Room, series: Series): Promise<number> {
  const [row] = await room.db.all(countChunks, [series.id, await readPagesEnd(room, series.id)])
  return takeNumber(row, 'n')
}

async function writePage(room: Room, series: Series): Promise<void> {
  const rows = await room.db.all(readOutlines, [series.id, await readPagesEnd(room, series.id)])
  const starts = Float64Array.from(rows, (row) => takeNumber(row, 'start'))
  const records = new Float64Array(rows.length * stride)
  rows.forEach((row, place) => {
    const what = `The outline at point ${starts[place] ?? 0} of ${describeSeries(series)}`
    foldOutline(
      readStored(what, () => decodeOutline(takeBytes(row, 'outline'))),
      records,
      place * stride,
    )
  })
  const until = (starts.at(-1) ?? 0) + takeNumber(rows.at(-1), 'n')
  scratch.begin()
  encodeColumn(scratch, starts, 0, starts.length)
  writeRecords(scratch, records)
  await room.db.run(insertPage, [series.id, starts[0] ?? 0, until, scratch.finish('lod', rows.length)])
}
