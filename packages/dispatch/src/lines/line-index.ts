/** Where each request of an input file stands, and what its order goes by. */
import type { RequestMeasure } from './measure-request.ts'

export type IndexedLine = RequestMeasure & {
  /** From 1. */
  line: number
  /** Where the line begins in the file, and how long it is; byte order mark and line end are not of it. */
  offset: number
  bytes: number
}

/** Requests are named by their place in it, from 0, in the order of their lines. */
export interface LineIndex {
  /** Of requests. */
  readonly count: number
  /** Of lines in the input, blank ones too. */
  readonly lineCount: number
  readonly inputBytes: number
  /** Those from `from` to before `until`. */
  readRange(from: number, until: number): Promise<IndexedLine[]>
  /** In the order they are asked for. */
  readMany(ats: readonly number[]): Promise<IndexedLine[]>
}

/**
 * Bytes of a request, in memory and in the index file. Little-endian, without padding: offset (48 bits), then 32 bits
 * each: length, line, maxTokens, promptHash, promptBytes.
 */
export const rowBytes = 26

export function encodeRow(buffer: Buffer, at: number, row: IndexedLine): void {
  buffer.writeUIntLE(row.offset, at, 6)
  buffer.writeUInt32LE(row.bytes, at + 6)
  buffer.writeUInt32LE(row.line, at + 10)
  buffer.writeUInt32LE(row.maxTokens, at + 14)
  buffer.writeUInt32LE(row.promptHash, at + 18)
  buffer.writeUInt32LE(row.promptBytes, at + 22)
}

export function decodeRow(buffer: Buffer, at: number): IndexedLine {
  return {
    offset: buffer.readUIntLE(at, 6),
    bytes: buffer.readUInt32LE(at + 6),
    line: buffer.readUInt32LE(at + 10),
    maxTokens: buffer.readUInt32LE(at + 14),
    promptHash: buffer.readUInt32LE(at + 18),
    promptBytes: buffer.readUInt32LE(at + 22),
  }
}

/** @throws RangeError where there is no such request: a mistake of who asks */
export function checkRange(from: number, until: number, count: number): void {
  if (Number.isInteger(from) && Number.isInteger(until) && 0 <= from && from <= until && until <= count) return
  throw new RangeError(`There are ${count} requests, none from ${from} to ${until}.`)
}

const segmentRows = 16_384

/** An index as it grows, in segments, so that growing copies nothing. */
export class MemoryIndex implements LineIndex {
  readonly #segments: Buffer[] = []
  count = 0
  lineCount = 0
  inputBytes = 0

  add(row: IndexedLine): void {
    const place = this.count % segmentRows
    if (place === 0) this.#segments.push(Buffer.alloc(segmentRows * rowBytes))
    const segment = this.#segments.at(-1)
    if (segment) encodeRow(segment, place * rowBytes, row)
    this.count += 1
  }

  get(at: number): IndexedLine {
    checkRange(at, at + 1, this.count)
    const segment = this.#segments[Math.floor(at / segmentRows)] ?? Buffer.alloc(0)
    return decodeRow(segment, (at % segmentRows) * rowBytes)
  }

  /** Gives its memory back at once. It has no requests any more. */
  clear(): void {
    for (const { buffer } of this.#segments.splice(0)) if (buffer instanceof ArrayBuffer) buffer.transfer(0)
    this.count = 0
  }

  async readRange(from: number, until: number): Promise<IndexedLine[]> {
    checkRange(from, until, this.count)
    return Array.from({ length: until - from }, (_, at) => this.get(from + at))
  }

  async readMany(ats: readonly number[]): Promise<IndexedLine[]> {
    return ats.map((at) => this.get(at))
  }
}
