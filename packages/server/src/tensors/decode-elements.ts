/**
 * Elements of any dtype as float64. Half precision is IEEE 754 binary16; bfloat16 is the upper half of binary32; the
 * 8-bit forms are those of «FP8 Formats for Deep Learning» (Micikevicius et al. 2022): E4M3 without infinities, bias 7;
 * E5M2 as IEEE, bias 15.
 */
import type { TensorDtype } from '@pilothouse/contract'

/** Puts `count` elements, from the one with number `from` on, into `into`. `bytes` begin where any element may. */
export type Decode = (bytes: Uint8Array, from: number, count: number, into: Float64Array) => void

type MakeView = (buffer: ArrayBufferLike, at: number, count: number) => ArrayLike<number>

const decodeFloat16 = decodeByTable(
  2,
  makeTable(65_536, { exponentBits: 5, fractionBits: 10, bias: 15, hasInfinity: true }),
)
const wide = new Float32Array(1_024)
const wideBits = new Uint32Array(wide.buffer)

const decoders: Readonly<Record<TensorDtype, Decode | undefined>> = {
  float64: copyFrom(8, (buffer, at, count) => new Float64Array(buffer, at, count)),
  float32: copyFrom(4, (buffer, at, count) => new Float32Array(buffer, at, count)),
  float16: decodeFloat16,
  bfloat16: decodeBfloat16,
  float8_e4m3: decodeByTable(1, makeTable(256, { exponentBits: 4, fractionBits: 3, bias: 7, hasInfinity: false })),
  float8_e5m2: decodeByTable(1, makeTable(256, { exponentBits: 5, fractionBits: 2, bias: 15, hasInfinity: true })),
  int64: decodeInt64,
  int32: copyFrom(4, (buffer, at, count) => new Int32Array(buffer, at, count)),
  int16: copyFrom(2, (buffer, at, count) => new Int16Array(buffer, at, count)),
  int8: copyFrom(1, (buffer, at, count) => new Int8Array(buffer, at, count)),
  uint64: decodeUint64,
  uint32: copyFrom(4, (buffer, at, count) => new Uint32Array(buffer, at, count)),
  uint16: copyFrom(2, (buffer, at, count) => new Uint16Array(buffer, at, count)),
  uint8: copyFrom(1, (buffer, at, count) => new Uint8Array(buffer, at, count)),
  bool: decodeBool,
  complex64: undefined,
  complex128: undefined,
}

/** undefined for numbers that are no real ones: their figures are not worked out. */
export function findDecoder(dtype: TensorDtype): Decode | undefined {
  return decoders[dtype]
}

function copyFrom(elementBytes: number, makeView: MakeView): Decode {
  return (bytes, from, count, into) => into.set(makeView(bytes.buffer, bytes.byteOffset + from * elementBytes, count))
}

function decodeByTable(elementBytes: 1 | 2, table: Float64Array): Decode {
  return (bytes, from, count, into) => {
    const at = bytes.byteOffset + from * elementBytes
    if (elementBytes === 1) lookUpBytes(new Uint8Array(bytes.buffer, at, count), table, into)
    else lookUpPairs(new Uint16Array(bytes.buffer, at, count), table, into)
  }
}

// Two functions, because one that sees arrays of two kinds is several times slower than one that sees one.
function lookUpBytes(codes: Uint8Array, table: Float64Array, into: Float64Array): void {
  for (let at = 0; at < codes.length; at += 1) into[at] = table[codes[at] ?? 0] ?? 0
}

function lookUpPairs(codes: Uint16Array, table: Float64Array, into: Float64Array): void {
  for (let at = 0; at < codes.length; at += 1) into[at] = table[codes[at] ?? 0] ?? 0
}

function decodeBfloat16(bytes: Uint8Array, from: number, count: number, into: Float64Array): void {
  const codes = new Uint16Array(bytes.buffer, bytes.byteOffset + from * 2, count)
  for (let begin = 0; begin < count; begin += wide.length) {
    const part = Math.min(wide.length, count - begin)
    for (let at = 0; at < part; at += 1) wideBits[at] = (codes[begin + at] ?? 0) << 16
    into.set(part === wide.length ? wide : wide.subarray(0, part), begin)
  }
}

/** Beyond 2⁵³ the nearest float64. */
function decodeInt64(bytes: Uint8Array, from: number, count: number, into: Float64Array): void {
  const low = new Uint32Array(bytes.buffer, bytes.byteOffset + from * 8, count * 2)
  const high = new Int32Array(bytes.buffer, bytes.byteOffset + from * 8, count * 2)
  for (let at = 0; at < count; at += 1) into[at] = (high[2 * at + 1] ?? 0) * 4_294_967_296 + (low[2 * at] ?? 0)
}

function decodeUint64(bytes: Uint8Array, from: number, count: number, into: Float64Array): void {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + from * 8, count * 2)
  for (let at = 0; at < count; at += 1) into[at] = (words[2 * at + 1] ?? 0) * 4_294_967_296 + (words[2 * at] ?? 0)
}

/** Any byte but 0 is true. */
function decodeBool(bytes: Uint8Array, from: number, count: number, into: Float64Array): void {
  const flags = new Uint8Array(bytes.buffer, bytes.byteOffset + from, count)
  for (let at = 0; at < count; at += 1) into[at] = flags[at] === 0 ? 0 : 1
}

type FloatForm = { exponentBits: number; fractionBits: number; bias: number; hasInfinity: boolean }

/** The value of every code of a small floating-point form. */
function makeTable(codes: number, { exponentBits, fractionBits, bias, hasInfinity }: FloatForm): Float64Array {
  const exponentMax = 2 ** exponentBits - 1
  const fractionMax = 2 ** fractionBits - 1
  return Float64Array.from({ length: codes }, (_, code) => {
    const sign = code >= codes / 2 ? -1 : 1
    const exponent = (code >> fractionBits) & exponentMax
    const fraction = code & fractionMax
    if (exponent === exponentMax && hasInfinity) return fraction === 0 ? sign * Infinity : Number.NaN
    if (exponent === exponentMax && fraction === fractionMax) return Number.NaN
    // Without the leading one that all others have.
    if (exponent === 0) return sign * fraction * 2 ** (1 - bias - fractionBits)
    return sign * (1 + fraction / 2 ** fractionBits) * 2 ** (exponent - bias)
  })
}
