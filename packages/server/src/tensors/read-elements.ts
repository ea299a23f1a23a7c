/**
 * Brings the elements of a tensor in slices of some MB: as they lie, where their order does not matter, or by their
 * indices.
 */
import type { TensorDtype } from '@pilothouse/contract'
import { elementBytes } from './element-size.ts'
import { makeStrides, measureExtent, type StoredTensor, type TensorPlace } from './tensor-catalogue.ts'
import type { TensorSource } from './tensor-source.ts'

/** 4 MB of float32. */
export const sliceElements = 1024 * 1024
/** Room for the largest slice of any of these readers, of any dtype that figures are worked out of. */
export function makeSliceRoom(readers: readonly ElementReader[]): Uint8Array {
  const elements = readers.reduce((most, { count }) => Math.max(most, count), 0)
  return new Uint8Array(Math.min(elements, sliceElements) * 8)
}

/** A view that is no run of elements is read whole, with what lies between its elements. */
const scatteredBytesMax = 512 * 1024 * 1024

/** Elements in their order, at most `sliceElements` at once. */
export type ElementReader = {
  /** How many there are. */
  readonly count: number
  /** How often the tensor repeats each of them: it was expanded. */
  readonly repeats: number
  /** Bytes that reading takes from the file. */
  readonly bytes: number
  /**
   * Elements in this machine's byte order, in `target`, which has room for them. Slices are read from the first to the
   * last.
   */
  read(slice: Slice, target: Uint8Array): Promise<Uint8Array>
}

export type Slice = { source: TensorSource; from: number; count: number }

type Readable = { dtype: TensorDtype; shape: readonly number[]; count: number; place: TensorPlace }

/** A tensor whose elements can be read; undefined for one that is not looked into. */
export function asReadable({ dtype, shape, count, place }: StoredTensor): Readable | undefined {
  return dtype === null || place === null ? undefined : { dtype, shape, count, place }
}

/**
 * A reader of a tensor; undefined when it lies too scattered. `order` says whether elements come by their indices;
 * without, they come as they lie and once, however often the tensor repeats them.
 */
export function openElements(tensor: Readable, order: 'index' | 'any'): ElementReader | undefined {
  const { dtype, place } = tensor
  const size = elementBytes[dtype]
  const { shape, strides, repeats } = order === 'any' ? simplify(tensor) : { ...dropSingle(tensor), repeats: 1 }
  const count = tensor.count / repeats
  const extent = measureExtent(shape, strides)
  const view = { shape, strides, at: place.at + place.offset * size, dtype, isSwapped: place.isSwapped }
  if (count === 0 || isRun(shape, strides)) return makeRunReader(view, count, repeats)
  if (extent * size > scatteredBytesMax || count * size > scatteredBytesMax) return undefined
  return makeScatteredReader(view, { count, repeats, extentBytes: extent * size })
}

type Dimensions = { shape: number[]; strides: number[] }

/** Dimensions of one index have no say in where elements lie. */
function dropSingle({ shape, place: { strides } }: Readable): Dimensions {
  const kept = shape.map((size, at) => ({ size, stride: strides[at] ?? 0 })).filter(({ size }) => size !== 1)
  return { shape: kept.map(({ size }) => size), strides: kept.map(({ stride }) => stride) }
}

/** The same elements in the order in which they lie, each dimension that repeats them left out. */
function simplify(tensor: Readable): Dimensions & { repeats: number } {
  const { shape, strides } = dropSingle(tensor)
  const all = shape
    .map((size, at) => ({ size, stride: strides[at] ?? 0 }))
    .toSorted((one, other) => other.stride - one.stride)
  const kept = all.filter(({ stride }) => stride !== 0)
  const repeats =
    tensor.count === 0 ? 1 : all.reduce((product, { size, stride }) => (stride === 0 ? product * size : product), 1)
  return { shape: kept.map(({ size }) => size), strides: kept.map(({ stride }) => stride), repeats }
}

/** Whether the elements lie one behind the other in the order of their indices. */
function isRun(shape: readonly number[], strides: readonly number[]): boolean {
  const wanted = makeStrides(shape)
  return shape.every((_, at) => strides[at] === wanted[at])
}

type View = Dimensions & { at: number; dtype: TensorDtype; isSwapped: boolean }

function makeRunReader({ at, dtype, isSwapped }: View, count: number, repeats: number): ElementReader {
  const size = elementBytes[dtype]
  return {
    count,
    repeats,
    bytes: count * size,
    async read(slice, target) {
      const bytes = await slice.source.read(at + slice.from * size, slice.count * size, target)
      return isSwapped ? swap(bytes, dtype) : bytes
    },
  }
}

type Scattered = { count: number; repeats: number; extentBytes: number }

function makeScatteredReader(view: View, { count, repeats, extentBytes }: Scattered): ElementReader {
  const size = elementBytes[view.dtype]
  let whole: Uint8Array | undefined
  return {
    count,
    repeats,
    bytes: extentBytes,
    async read(slice, target) {
      whole ??= await slice.source.read(view.at, extentBytes)
      const bytes = target.subarray(0, slice.count * size)
      gather({ from: whole, to: bytes, size, first: slice.from, view })
      if (slice.from + slice.count === count) whole = undefined
      return view.isSwapped ? swap(bytes, view.dtype) : bytes
    },
  }
}

type Gathering = { from: Uint8Array; to: Uint8Array; size: number; first: number; view: Dimensions }

/** Copies elements by their indices, beginning with number `first`; they are moved as words of at most four bytes. */
function gather({ from, to, size, first, view }: Gathering): void {
  const wordBytes = Math.min(size, 4)
  const words = size / wordBytes
  const shape = words === 1 ? view.shape : [...view.shape, words]
  const strides = words === 1 ? view.strides : [...view.strides.map((stride) => stride * words), 1]
  const move = wordBytes === 4 ? moveWords4 : wordBytes === 2 ? moveWords2 : moveWords1
  move({ from, to, shape, strides, first: first * words })
}

type Moving = { from: Uint8Array; to: Uint8Array; shape: readonly number[]; strides: readonly number[]; first: number }

// Three functions, because one that sees arrays of several kinds is several times slower than one that sees one.
function moveWords1({ from, to, ...where }: Moving): void {
  let at = 0
  walk(where, to.length, (begin, step, count) => {
    for (let word = 0; word < count; word += 1) to[at + word] = from[begin + word * step] ?? 0
    at += count
  })
}

function moveWords2({ from, to, ...where }: Moving): void {
  const [source, target] = [from, to].map((bytes) => new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2))
  let at = 0
  walk(where, to.length / 2, (begin, step, count) => {
    if (source && target)
      for (let word = 0; word < count; word += 1) target[at + word] = source[begin + word * step] ?? 0
    at += count
  })
}

function moveWords4({ from, to, ...where }: Moving): void {
  const [source, target] = [from, to].map((bytes) => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4))
  let at = 0
  walk(where, to.length / 4, (begin, step, count) => {
    if (source && target)
      for (let word = 0; word < count; word += 1) target[at + word] = source[begin + word * step] ?? 0
    at += count
  })
}

type Where = { shape: readonly number[]; strides: readonly number[]; first: number }
/** Elements along the last dimension: the first, from one to the next, how many. */
type Stretch = (begin: number, step: number, count: number) => void

/** Visits `total` elements by their indices, stretch by stretch. */
function walk({ shape, strides, first }: Where, total: number, visit: Stretch): void {
  const last = shape.length - 1
  const length = shape[last] ?? 1
  const step = strides[last] ?? 1
  const outer = shape.slice(0, -1)
  const row = Math.floor(first / length)
  const indices = spell(row, outer)
  let begin = outer.reduce((sum, _, at) => sum + (indices[at] ?? 0) * (strides[at] ?? 0), 0)
  let column = first - row * length
  for (let done = 0; done < total;) {
    const count = Math.min(length - column, total - done)
    visit(begin + column * step, step, count)
    done += count
    column = 0
    begin = stepRow(indices, outer, strides, begin)
  }
}

/** Indices of the element with this number. */
function spell(number: number, shape: readonly number[]): number[] {
  let rest = number
  return shape
    .toReversed()
    .map((size) => {
      const index = rest % size
      rest = Math.floor(rest / size)
      return index
    })
    .toReversed()
}

/** Counts the indices up by one row, and says where that begins. */
function stepRow(indices: number[], shape: readonly number[], strides: readonly number[], from: number): number {
  let begin = from
  for (let at = shape.length - 1; at >= 0; at -= 1) {
    const [index, size, stride] = [indices[at] ?? 0, shape[at] ?? 1, strides[at] ?? 0]
    if (index + 1 < size) {
      indices[at] = index + 1
      return begin + stride
    }
    indices[at] = 0
    begin -= index * stride
  }
  return begin
}

/** Turns the bytes of each number round, in place. */
function swap(bytes: Uint8Array, dtype: TensorDtype): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const size = dtype.startsWith('complex') ? elementBytes[dtype] / 2 : elementBytes[dtype]
  if (size === 2) buffer.swap16()
  if (size === 4) buffer.swap32()
  if (size === 8) buffer.swap64()
  return bytes
}
