/**
 * The binary frame: a JSON header and, behind it, columns of 64-bit floats. Reports travel in it upwards,
 * metric answers downwards; content type `application/x-pilothouse-frame`.
 *
 *   offset  size  what
 *        0     4  magic, the ASCII bytes `PHF1`
 *        4     4  length of the header in bytes, unsigned, little-endian
 *        8     n  header, JSON in UTF-8
 *    8 + n   0–7  zero bytes up to the next multiple of eight
 *        …  8 × m  the columns one after another, IEEE 754 binary64, little-endian
 *
 * The header is the JSON form of the same message with its arrays of numbers left out and their lengths in their place
 * (`rows` of a block of points, `buckets` of a series); which columns follow, and in which order, is said by the message.
 * NaN and infinities are ordinary values here; in JSON they are the strings "NaN", "Infinity" and "-Infinity".
 */
import { PilothouseError } from './error-code.ts'

export const frameContentType = 'application/x-pilothouse-frame'
const magic = 0x31464850 // «PHF1» read as little-endian
const prefixBytes = 8

/** Puts a header and its columns into one frame. */
export function encodeFrame(header: unknown, columns: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header))
  const start = alignToEight(prefixBytes + text.length)
  const total = columns.reduce((sum, column) => sum + column.length, 0)
  const bytes = new Uint8Array(start + total * 8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, text.length, true)
  bytes.set(text, prefixBytes)
  let offset = start
  for (const column of columns) {
    new Float64Array(bytes.buffer, offset, column.length).set(column)
    offset += column.length * 8
  }
  return bytes
}

/**
 * The same frame with another header; its columns stay byte for byte.
 * @throws PilothouseError `malformed` as `decodeFrame`.
 */
export function restampFrame(bytes: Uint8Array, restamp: (header: unknown) => unknown): Uint8Array<ArrayBuffer> {
  const { header, bodyStart } = splitFrame(bytes)
  const body = bytes.subarray(Math.min(bodyStart, bytes.length))
  const prefix = encodeFrame(restamp(header), [])
  const stamped = new Uint8Array(prefix.length + body.length)
  stamped.set(prefix)
  stamped.set(body, prefix.length)
  return stamped
}

/** A frame taken apart: its header as parsed JSON, and its columns in order. */
export type Frame = { header: unknown; columns: ColumnReader }

/**
 * Takes a frame apart. Columns are views of `bytes` where its alignment allows, else copies.
 * @throws PilothouseError `malformed` when the magic is wrong, the header is no JSON or the bytes end too early.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const { header, bodyStart: start } = splitFrame(bytes)
  const bodyBytes = Math.max(0, bytes.length - start)
  if (bodyBytes % 8 !== 0) throw malformed('it ends inside a number')
  return { header, columns: new ColumnReader(floatView(bytes, start, bodyBytes / 8)) }
}

function splitFrame(bytes: Uint8Array): { header: unknown; bodyStart: number } {
  if (bytes.length < prefixBytes) throw malformed(`a frame has at least ${prefixBytes} bytes, this one ${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== magic) throw malformed('it does not begin with PHF1')
  const textEnd = prefixBytes + view.getUint32(4, true)
  if (textEnd > bytes.length) throw malformed('it ends inside its header')
  return { header: parseHeader(bytes.subarray(prefixBytes, textEnd)), bodyStart: alignToEight(textEnd) }
}

/** Hands out the columns of a frame one after another. */
export class ColumnReader {
  readonly #numbers: Float64Array
  #next = 0

  constructor(numbers: Float64Array) {
    this.#numbers = numbers
  }

  /**
   * The next `length` numbers.
   * @throws PilothouseError `malformed` when fewer are left.
   */
  take(length: number): Float64Array {
    const end = this.#next + length
    if (!(length >= 0) || end > this.#numbers.length) {
      throw malformed(`its columns need ${end} numbers, it holds ${this.#numbers.length}`)
    }
    const column = this.#numbers.subarray(this.#next, end)
    this.#next = end
    return column
  }

  /**
   * Says that all columns were taken.
   * @throws PilothouseError `malformed` when numbers are left over.
   */
  finish(): void {
    const left = this.#numbers.length - this.#next
    if (left > 0) throw malformed(`${left} numbers are left over behind its columns`)
  }
}

function parseHeader(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw malformed('its header is not valid JSON', cause)
  }
}

function floatView(bytes: Uint8Array, start: number, length: number): Float64Array {
  if (length === 0) return new Float64Array(0)
  const offset = bytes.byteOffset + start
  if (offset % 8 === 0) return new Float64Array(bytes.buffer, offset, length)
  return new Float64Array(bytes.slice(start, start + length * 8).buffer)
}

function alignToEight(offset: number): number {
  return (offset + 7) & ~7
}

function malformed(why: string, cause?: unknown): PilothouseError {
  return new PilothouseError('malformed', `The frame cannot be read: ${why}.`, { cause })
}
