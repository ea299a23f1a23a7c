/**
 * A row of table `summary`: what is known of each series of a group without its points, as of the same moment as the row of
 * table `tail` (bytes.ts; the count is the number of series): the columns of `fields`, in their order.
 */
import { ByteReader, scratch } from './bytes.ts'
import { decodeColumn, encodeColumn } from './column.ts'
import type { Series } from './group.ts'

const fields = [
  'id',
  'total',
  'step',
  'time',
  'epoch',
  'value',
  'min',
  'minStep',
  'max',
  'maxStep',
  'nonFinite',
] as const satisfies (keyof Series)[]
export type SummaryRecord = Record<(typeof fields)[number], number>

export function encodeSummary(group: ReadonlyMap<number, Series>): Uint8Array<ArrayBuffer> {
  const all = [...group.values()]
  const column = new Float64Array(all.length)
  scratch.begin()
  for (const field of fields) {
    all.forEach((series, at) => (column[at] = series[field]))
    encodeColumn(scratch, column, 0, all.length)
  }
  return scratch.finish('summary', all.length)
}

/** @throws BlobError when it is not what was written. */
export function decodeSummary(bytes: Uint8Array): SummaryRecord[] {
  const reader = new ByteReader(bytes, 'summary')
  const { count } = reader
  const columns = fields.map(() => {
    const column = new Float64Array(count)
    decodeColumn(reader, count, column)
    return column
  })
  reader.finish()
  return Array.from({ length: count }, (_, at) => readRecord(columns, at))
}

function readRecord(columns: readonly Float64Array[], at: number): SummaryRecord {
  const entries = fields.map((field, place) => [field, columns[place]?.[at] ?? 0])
  return Object.fromEntries(entries) as SummaryRecord // one entry for each field
}
