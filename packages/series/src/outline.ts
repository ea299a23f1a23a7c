/**
 * What is known of a stretch of points without reading them. A record is `stride` numbers; records of blocks of 64 points
 * stand beside each chunk, records of whole chunks in the pages of table `lod`. First and last are by order of arrival,
 * which is the order of x too, unless the flag of that axis is set.
 */
import { type ByteReader, ByteReader as Reader, type ByteWriter, scratch } from './bytes.ts'
import { decodeColumn, encodeColumn } from './column.ts'

export const blockPoints = 64
/** Numbers in a record, and the part of them that belongs to the x columns (shared by all keys of a report). */
export const stride = 14
export const axisStride = 8

/** Places in a record. */
export const at = {
  n: 0,
  /** Lowest and highest step; time and epoch stand 2 and 4 behind. Of finite ones; NaN when there are none. */
  low: 1,
  high: 2,
  flags: 7,
  first: 8,
  last: 9,
  min: 10,
  max: 11,
  sum: 12,
  nonFinite: 13,
} as const
/** Flags 1, 2 and 4: not ascending by step, time, epoch. */
export const missingEpochFlag = 8

export type AxisNumber = 0 | 1 | 2

/** Lowest, highest and flags of the three x columns, a record of `axisStride` for each block. */
export function outlineAxis(columns: readonly Float64Array[], length: number): Float64Array {
  const blocks = Math.ceil(length / blockPoints)
  const records = new Float64Array(blocks * axisStride)
  for (let block = 0; block < blocks; block += 1) {
    const from = block * blockPoints
    const until = Math.min(length, from + blockPoints)
    const base = block * axisStride
    records[base] = until - from
    for (let axis = 0; axis < 3; axis += 1) outlineColumn(columns[axis], { from, until, records, base, axis })
  }
  return records
}

type Stretch = { from: number; until: number; records: Float64Array; base: number; axis: number }

function outlineColumn(column: Float64Array | undefined, { from, until, records, base, axis }: Stretch): void {
  let low = Infinity
  let high = -Infinity
  let flags = 0
  if (!column) flags = missingEpochFlag
  for (let point = from; column && point < until; point += 1) {
    const x = column[point] ?? 0
    if (x - x !== 0) {
      flags |= missingEpochFlag
      continue
    }
    if (x < high) flags |= 1 << axis
    if (x < low) low = x
    if (x > high) high = x
  }
  records[base + at.low + axis * 2] = low === Infinity ? Number.NaN : low
  records[base + at.high + axis * 2] = low === Infinity ? Number.NaN : high
  records[base + at.flags] = (records[base + at.flags] ?? 0) | flags
}

/** Puts axis records and the values' own numbers together: whole records of `stride`. */
export function outlineValues(axisRecords: Float64Array, values: Float64Array): Float64Array {
  const blocks = axisRecords.length / axisStride
  const records = new Float64Array(blocks * stride)
  for (let block = 0; block < blocks; block += 1) {
    const base = block * stride
    for (let place = 0; place < axisStride; place += 1) {
      records[base + place] = axisRecords[block * axisStride + place] ?? 0
    }
    outlineBlock(values, block * blockPoints, records, base)
  }
  return records
}

function outlineBlock(values: Float64Array, from: number, records: Float64Array, base: number): void {
  const until = Math.min(values.length, from + blockPoints)
  let min = Infinity
  let max = -Infinity
  let sum = 0
  let nonFinite = 0
  for (let point = from; point < until; point += 1) {
    const value = values[point] ?? 0
    if (value - value !== 0) {
      nonFinite += 1
      continue
    }
    if (value < min) min = value
    if (value > max) max = value
    sum += value
  }
  const none = nonFinite === until - from
  records[base + at.first] = values[from] ?? 0
  records[base + at.last] = values[until - 1] ?? 0
  records[base + at.min] = none ? Number.NaN : min
  records[base + at.max] = none ? Number.NaN : max
  records[base + at.sum] = sum
  records[base + at.nonFinite] = nonFinite
}

/** One record for all of `records`, in order of arrival, written to `out` at `base`. */
export function foldOutline(records: Float64Array, out: Float64Array, base: number): void {
  for (let place = 0; place < stride; place += 1) out[base + place] = records[place] ?? 0
  for (let other = stride; other < records.length; other += stride) foldRecord(records, other, out, base)
}

function foldRecord(records: Float64Array, other: number, out: Float64Array, base: number): void {
  let flags = (out[base + at.flags] ?? 0) | (records[other + at.flags] ?? 0)
  for (let axis = 0; axis < 3; axis += 1) {
    const place = base + at.low + axis * 2
    const low = records[other + at.low + axis * 2] ?? 0
    const high = records[other + at.high + axis * 2] ?? 0
    if (low < (out[place + 1] ?? 0)) flags |= 1 << axis
    if (!(low >= (out[place] ?? 0))) out[place] = takeKnown(low, out[place] ?? 0)
    if (!(high <= (out[place + 1] ?? 0))) out[place + 1] = takeKnown(high, out[place + 1] ?? 0)
  }
  out[base + at.flags] = flags
  out[base + at.last] = records[other + at.last] ?? 0
  const min = records[other + at.min] ?? 0
  const max = records[other + at.max] ?? 0
  if (!(min >= (out[base + at.min] ?? 0))) out[base + at.min] = takeKnown(min, out[base + at.min] ?? 0)
  if (!(max <= (out[base + at.max] ?? 0))) out[base + at.max] = takeKnown(max, out[base + at.max] ?? 0)
  for (const place of sums) out[base + place] = (out[base + place] ?? 0) + (records[other + place] ?? 0)
}

const sums = [at.n, at.sum, at.nonFinite]

/** `candidate`, unless it is NaN. */
function takeKnown(candidate: number, known: number): number {
  return Number.isNaN(candidate) ? known : candidate
}

const column = new Float64Array(1024)

/** The x part of an outline's body: the same bytes for all keys that share their x columns. */
export function encodeAxisOutline(axisRecords: Float64Array): Uint8Array<ArrayBuffer> {
  const from = scratch.begin().offset
  writeColumns(scratch, axisRecords, { stride: axisStride, from: 0, until: axisStride })
  return scratch.take(from)
}

/** The blob that stands beside a chunk. `axisBytes` is its x part, already encoded. */
export function encodeOutline(records: Float64Array, axisBytes: Uint8Array): Uint8Array<ArrayBuffer> {
  scratch.begin().bytes(axisBytes)
  writeColumns(scratch, records, { stride, from: axisStride, until: stride })
  return scratch.finish('outline', records.length / stride)
}

/** @throws BlobError when it is not what was written. */
export function decodeOutline(bytes: Uint8Array): Float64Array {
  const reader = new Reader(bytes, 'outline')
  const records = readRecords(reader, reader.count)
  reader.finish()
  return records
}

/** Whole records as columns; for pages of table `lod`. At most 1,024. */
export function writeRecords(writer: ByteWriter, records: Float64Array): void {
  writeColumns(writer, records, { stride, from: 0, until: stride })
}

export function readRecords(reader: ByteReader, count: number): Float64Array {
  const records = new Float64Array(count * stride)
  for (let place = 0; place < stride; place += 1) {
    decodeColumn(reader, count, column)
    for (let record = 0; record < count; record += 1) records[record * stride + place] = column[record] ?? 0
  }
  return records
}

type Places = { stride: number; from: number; until: number }

function writeColumns(writer: ByteWriter, records: Float64Array, places: Places): void {
  const count = records.length / places.stride
  for (let place = places.from; place < places.until; place += 1) {
    for (let record = 0; record < count; record += 1) column[record] = records[record * places.stride + place] ?? 0
    encodeColumn(writer, column, 0, count)
  }
}
