/**
 * A row of table `tail`: the heads of a group (bytes.ts; the count is the number of axes): for each axis varint rows and its
 * three columns; then varint number of heads, and for each head varint id of its series, varint number of its first point,
 * varint length, varint place of its axis, and its column of values (column.ts).
 */
import { Axis } from './axis.ts'
import { BlobError, ByteReader, scratch } from './bytes.ts'
import { decodeColumn, encodeColumn } from './column.ts'
import { countHead, type Head, type Series } from './group.ts'
import { viewRun } from './run.ts'

/** A head as the tail has it. */
export type TailHead = { series: number; sealed: number; length: number; head: Head }

/**
 * All heads with points, in one blob. `sealing` says how many points of a head go into chunks in the same transaction, so
 * that the tail begins behind them.
 */
export function encodeTail(
  all: Iterable<Series>,
  sealing: ReadonlyMap<Series, number>,
): { data: Uint8Array<ArrayBuffer>; points: number } {
  const open = [...all].flatMap((series) => cutHead(series, sealing.get(series) ?? 0))
  const lengths = new Map<Axis, number>()
  for (const { head, length } of open) lengths.set(head.axis, Math.max(lengths.get(head.axis) ?? 0, length))
  scratch.begin()
  for (const [axis, length] of lengths) writeAxis(axis, length)
  const places = new Map([...lengths.keys()].map((axis, place) => [axis, place]))
  scratch.varint(open.length)
  for (const one of open) writeHead(one, places)
  const points = open.reduce((sum, { length }) => sum + length, 0)
  return { data: scratch.finish('tail', lengths.size), points }
}

function cutHead(series: Series, count: number): TailHead[] {
  const { head, id, sealed } = series
  const length = countHead(series) - count
  if (!head || length <= 0) return []
  if (count === 0) return [{ series: id, sealed, length, head }]
  const cut = { axis: head.axis.take(count, count + length), values: head.values.slice(count, count + length) }
  return [{ series: id, sealed: sealed + count, length, head: cut }]
}

/** @throws BlobError when it is not what was written. */
export function decodeTail(bytes: Uint8Array): TailHead[] {
  const reader = new ByteReader(bytes, 'tail')
  const axes = Array.from({ length: reader.count }, () => readAxis(reader))
  const heads = Array.from({ length: reader.varint() }, () => readHead(reader, axes))
  reader.finish()
  return heads
}

function writeAxis(axis: Axis, length: number): void {
  scratch.varint(length)
  for (const run of [axis.steps, axis.times]) encodeColumn(scratch, viewRun(run, 0, length), 0, length)
  const epochs = axis.epochs ? viewRun(axis.epochs, 0, length) : new Float64Array(length).fill(Number.NaN)
  encodeColumn(scratch, epochs, 0, length)
}

function readAxis(reader: ByteReader): Axis {
  const length = takeLength(reader)
  const [steps, times, epochs] = Array.from({ length: 3 }, () => takeColumn(reader, length))
  const axis = new Axis()
  if (steps && times) axis.extend(0, { steps, times, epochs }, Symbol('tail'))
  return axis
}

function writeHead({ series, sealed, length, head }: TailHead, places: ReadonlyMap<Axis, number>): void {
  scratch.varint(series)
  scratch.varint(sealed)
  scratch.varint(length)
  scratch.varint(places.get(head.axis) ?? 0)
  encodeColumn(scratch, viewRun(head.values, 0, length), 0, length)
}

function readHead(reader: ByteReader, axes: readonly Axis[]): TailHead {
  const series = reader.varint()
  const sealed = reader.varint()
  const length = takeLength(reader)
  const axis = axes[reader.varint()]
  if (!axis || axis.length < length) throw new BlobError('a head in it has no x columns')
  const column = takeColumn(reader, length)
  return { series, sealed, length, head: { axis, values: length < 32 ? Array.from(column) : column } }
}

/** A length within reason: no blob may ask for memory without end. */
function takeLength(reader: ByteReader): number {
  const length = reader.varint()
  if (length > 16_000_000) throw new BlobError(`a column in it claims ${length} values`)
  return length
}

function takeColumn(reader: ByteReader, length: number): Float64Array {
  const column = new Float64Array(length)
  decodeColumn(reader, length, column)
  return column
}
