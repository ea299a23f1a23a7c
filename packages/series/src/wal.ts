/**
 * A row of table `wal`: the points of one group commit (bytes.ts; the count is the number of blocks). A block is
 *
 *   varint rows, varint keys, varint id of each key's series, a byte with flags (1 = values as f32, 2 = with epochs), then
 *   the columns steps, times, epochs if flagged (f64), and for each key its values (f32 if flagged, else f64).
 *
 * All keys of a block belong to one group. Values become f32 only where nothing is lost.
 */
import { BlobError, ByteReader, type ByteWriter, scratch } from './bytes.ts'

export type WalBlock = {
  /** Ids of series, one for each of `values`. */
  series: readonly number[]
  steps: ArrayLike<number>
  times: ArrayLike<number>
  epochs?: ArrayLike<number> | undefined
  values: readonly ArrayLike<number>[]
}

const flags = { f32: 1, epochs: 2 } as const

export function encodeWal(blocks: readonly WalBlock[]): Uint8Array<ArrayBuffer> {
  scratch.begin()
  for (const block of blocks) writeBlock(scratch, block)
  return scratch.finish('wal', blocks.length)
}

/** @throws BlobError when it is not what was written. */
export function decodeWal(bytes: Uint8Array): WalBlock[] {
  const reader = new ByteReader(bytes, 'wal')
  const blocks = Array.from({ length: reader.count }, () => readBlock(reader))
  reader.finish()
  return blocks
}

function writeBlock(writer: ByteWriter, { series, steps, times, epochs, values }: WalBlock): void {
  writer.varint(steps.length)
  writer.varint(series.length)
  for (const id of series) writer.varint(id)
  const narrow = values.every(fitsF32)
  writer.byte((narrow ? flags.f32 : 0) | (epochs ? flags.epochs : 0))
  writer.align(8)
  const columns = values.length * steps.length * (narrow ? 4 : 8)
  writer.reserve(columns + steps.length * 24)
  writeF64(writer, steps)
  writeF64(writer, times)
  if (epochs) writeF64(writer, epochs)
  for (const column of values) {
    if (narrow) writeF32(writer, column)
    else writeF64(writer, column)
  }
}

function readBlock(reader: ByteReader): WalBlock {
  const rows = reader.varint()
  const keys = reader.varint()
  if (keys > reader.u8.length) throw new BlobError('a block has more keys than bytes')
  const series = Array.from({ length: keys }, () => reader.varint())
  const flag = reader.byte()
  const takeF64 = () => new Float64Array(reader.buffer, reader.claim(rows * 8, 8), rows)
  const takeF32 = () => new Float32Array(reader.buffer, reader.claim(rows * 4, 4), rows)
  reader.claim(0, 8)
  const steps = takeF64()
  const times = takeF64()
  const epochs = flag & flags.epochs ? takeF64() : undefined
  const values = series.map(() => (flag & flags.f32 ? takeF32() : takeF64()))
  return { series, steps, times, epochs, values }
}

function fitsF32(column: ArrayLike<number>): boolean {
  for (let at = 0; at < column.length; at += 1) {
    const value = column[at] ?? 0
    if (Math.fround(value) !== value && value === value) return false
  }
  return true
}

function writeF64(writer: ByteWriter, column: ArrayLike<number>): void {
  const { f64 } = writer
  const start = writer.offset / 8
  for (let at = 0; at < column.length; at += 1) f64[start + at] = column[at] ?? 0
  writer.offset += column.length * 8
}

function writeF32(writer: ByteWriter, column: ArrayLike<number>): void {
  const { f32 } = writer
  const start = writer.offset / 4
  for (let at = 0; at < column.length; at += 1) f32[start + at] = column[at] ?? 0
  writer.offset += column.length * 4
}
