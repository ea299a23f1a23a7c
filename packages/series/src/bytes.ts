/**
 * What every stored blob of this package has around it, little-endian:
 *
 *   offset  size  what
 *        0     4  CRC-32 of all bytes from offset 4 on
 *        4     1  kind (`blobKinds`)
 *        5     1  version of the kind
 *        6     2  zero
 *        8     4  a count; its meaning is the kind's
 *       12     4  zero
 *       16     …  body; numbers of 2, 4 and 8 bytes begin at multiples of their size, counted from offset 0
 *
 * So a column can be read as a typed array in place, and a flipped bit on the disk is noticed.
 */
import { crc32 } from 'node:zlib'

export const blobKinds = { chunk: 1, outline: 2, lod: 3, tail: 4, summary: 5, wal: 6 } as const
export type BlobKind = keyof typeof blobKinds
const version = 1
export const headerBytes = 16

/** A growing buffer that is used again and again; `finish` and `take` copy out of it. Never kept across an `await`. */
export class ByteWriter {
  u8 = new Uint8Array(0)
  u16 = new Uint16Array(0)
  u32 = new Uint32Array(0)
  f32 = new Float32Array(0)
  f64 = new Float64Array(0)
  offset = 0

  constructor(capacity: number) {
    this.#allocate(capacity)
  }

  /** Begins a blob: leaves room for its header. */
  begin(): this {
    this.offset = headerBytes
    return this
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.offset + count
    if (needed <= this.u8.length) return
    const old = this.u8.subarray(0, this.offset)
    this.#allocate(Math.max(needed, this.u8.length * 2))
    this.u8.set(old)
  }

  /** Goes on at the next multiple of `size`; what is skipped is zero. */
  align(size: number): void {
    this.reserve(size)
    while (this.offset % size !== 0) this.u8[this.offset++] = 0
  }

  byte(value: number): void {
    this.reserve(1)
    this.u8[this.offset++] = value
  }

  float(value: number): void {
    this.align(8)
    this.reserve(8)
    this.f64[this.offset / 8] = value
    this.offset += 8
  }

  /** A non-negative integer below 2^53, seven bits a byte. */
  varint(value: number): void {
    this.reserve(8)
    let rest = value
    while (rest > 127) {
      this.u8[this.offset++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.u8[this.offset++] = rest
  }

  bytes(part: Uint8Array): void {
    this.reserve(part.length)
    this.u8.set(part, this.offset)
    this.offset += part.length
  }

  /** A copy of what stands behind `from`. */
  take(from: number): Uint8Array<ArrayBuffer> {
    return this.u8.slice(from, this.offset)
  }

  /** Writes the header and hands out a copy of the blob. */
  finish(kind: BlobKind, count: number): Uint8Array<ArrayBuffer> {
    this.u8.fill(0, 0, headerBytes)
    this.u8[4] = blobKinds[kind]
    this.u8[5] = version
    this.u32[2] = count
    this.u32[0] = crc32(this.u8.subarray(4, this.offset))
    return this.take(0)
  }

  #allocate(capacity: number): void {
    const buffer = new ArrayBuffer((capacity + 15) & ~7)
    this.u8 = new Uint8Array(buffer)
    this.u16 = new Uint16Array(buffer, 0, buffer.byteLength >> 1)
    this.u32 = new Uint32Array(buffer, 0, buffer.byteLength >> 2)
    this.f32 = new Float32Array(buffer, 0, buffer.byteLength >> 2)
    this.f64 = new Float64Array(buffer, 0, buffer.byteLength >> 3)
  }
}

/** Shared by all encoders: the store works in one thread and no encoder awaits. */
export const scratch = new ByteWriter(64 * 1024)

/** A stored blob that is not what was written. */
export class BlobError extends Error {
  override readonly name = 'BlobError'
}

/** Reads a blob front to back. */
export class ByteReader {
  readonly u8: Uint8Array
  readonly buffer: ArrayBufferLike
  /** Of the blob within `buffer`, a multiple of eight. */
  readonly base: number
  readonly count: number
  offset = headerBytes

  /** @throws BlobError when the checksum, the kind or the version is wrong. */
  constructor(bytes: Uint8Array, kind: BlobKind) {
    this.u8 = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
    this.buffer = this.u8.buffer
    this.base = this.u8.byteOffset
    if (bytes.length < headerBytes) throw new BlobError(`it has ${bytes.length} bytes`)
    const header = new DataView(this.buffer, this.base, headerBytes)
    if (crc32(bytes.subarray(4)) !== header.getUint32(0, true)) throw new BlobError('its checksum is wrong')
    if (this.u8[4] !== blobKinds[kind]) throw new BlobError(`it is no ${kind}`)
    if (this.u8[5] !== version) throw new BlobError(`its version ${this.u8[5] ?? '?'} is not known`)
    this.count = header.getUint32(8, true)
  }

  /** Moves on by `count` bytes, beginning at a multiple of `size`; returns where in `buffer` they begin. */
  claim(count: number, size = 1): number {
    const start = Math.ceil(this.offset / size) * size
    if (!(count >= 0) || start + count > this.u8.length) throw new BlobError('it ends too early')
    this.offset = start + count
    return this.base + start
  }

  byte(): number {
    return this.u8[this.claim(1) - this.base] ?? 0
  }

  float(): number {
    return new Float64Array(this.buffer, this.claim(8, 8), 1)[0] ?? 0
  }

  varint(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
      if (factor > Number.MAX_SAFE_INTEGER) throw new BlobError('a number in it is too long')
    }
  }

  /** @throws BlobError when bytes are left over. */
  finish(): void {
    if (this.offset !== this.u8.length) throw new BlobError(`${this.u8.length - this.offset} bytes are left over`)
  }
}
