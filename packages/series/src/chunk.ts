/**
 * A chunk: up to 1,024 points of one series as one blob (bytes.ts; the count is the number of points), in order of arrival:
 * columns step, time, epoch, value (column.ts).
 */
import type { AxisPiece } from './axis.ts'
import { ByteReader, scratch } from './bytes.ts'
import { decodeColumn, encodeColumn, skipColumn } from './column.ts'

export const chunkPoints = 1024

/** Puts values behind x columns that are already encoded. */
export function encodeChunk(piece: Pick<AxisPiece, 'columns'>, values: Float64Array): Uint8Array<ArrayBuffer> {
  scratch.begin().bytes(piece.columns)
  encodeColumn(scratch, values, 0, values.length)
  return scratch.finish('chunk', values.length)
}

/**
 * Reads the columns asked for into `outs` (`undefined` leaves one out), each with room for `chunkPoints`; returns the number of points.
 * @throws BlobError when it is not what was written.
 */
export function decodeChunk(bytes: Uint8Array, outs: readonly (Float64Array | undefined)[]): number {
  const reader = new ByteReader(bytes, 'chunk')
  const { count } = reader
  for (const out of outs) {
    if (out) decodeColumn(reader, count, out.length < count ? refuseLength(count, out.length) : out)
    else skipColumn(reader, count)
  }
  reader.finish()
  return count
}

function refuseLength(count: number, room: number): never {
  throw new RangeError(`a chunk of ${count} points does not fit into ${room}`)
}
