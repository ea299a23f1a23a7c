import type { CheckpointComparison, ComparedTensor, TensorDtype } from '@pilothouse/contract'
import { type Decode, findDecoder } from './decode-elements.ts'
import { elementBytes } from './element-size.ts'
import { DifferenceMeasure, noDistances } from './measure-difference.ts'
import { blockElements } from './measure-elements.ts'
import { openCheckpoint, type OpenCheckpoint, type OpenTensor } from './open-checkpoint.ts'
import { compareNames, nameLayer } from './order-names.ts'
import { asReadable, type ElementReader, makeSliceRoom, openElements, sliceElements } from './read-elements.ts'
import { explainUnread } from './summarise-checkpoint.ts'
import { nameFault } from './tensor-file-error.ts'
import { throwIfCancelled, type Watch } from './watch.ts'

/** Repeating the same elements over and over may ask for more than can be compared. */
const workPerByteMax = 8
const workMin = 256 * 1024 * 1024

/** What wrappers of a model put in front of its names. */
const wrappers = [
  'module.',
  'model.',
  '_orig_mod.',
  'state_dict.',
  'model_state_dict.',
  'base_model.model.',
  'net.',
  'model.module.',
]

/**
 * Compares two files or folders, tensor by tensor, by their names.
 * @throws TensorFileError
 */
export async function compareCheckpoints(paths: { a: string; b: string }, watch: Watch): Promise<CheckpointComparison> {
  const a = await openNamed(paths.a, watch)
  try {
    const b = await openNamed(paths.b, watch)
    try {
      return await compareOpen(a, b, watch)
    } finally {
      await b.close()
    }
  } finally {
    await a.close()
  }
}

/** Of two it has to be said which one is broken. */
async function openNamed(path: string, { clock }: Watch): Promise<OpenCheckpoint> {
  try {
    return await openCheckpoint(path, clock)
  } catch (error) {
    throw nameFault(path, error)
  }
}

async function compareOpen(a: OpenCheckpoint, b: OpenCheckpoint, watch: Watch): Promise<CheckpointComparison> {
  const prefixes = choosePrefixes(a.tensors, b.tensors)
  const pairs = matchTensors(nameTensors(a.tensors, prefixes.a), nameTensors(b.tensors, prefixes.b))
  const compared = await compareAll(pairs, limitWork([...a.files, ...b.files]), watch)
  const counts: CheckpointComparison['counts'] = { same: 0, changed: 0, onlyA: 0, onlyB: 0, shape: 0, unread: 0 }
  for (const { row } of compared) counts[row.change] += 1
  return {
    a: describeSide(a, prefixes.a),
    b: describeSide(b, prefixes.b),
    tensors: compared.map(({ row }) => row),
    layers: addUpLayers(compared),
    counts,
    totals: addUp(compared),
  }
}

function describeSide(
  { path, files, tensors, suspicious, notes }: OpenCheckpoint,
  prefix: string,
): CheckpointComparison['a'] {
  return { path, files, tensors: tensors.length, suspicious, notes, prefix }
}

function limitWork(files: readonly { bytes: number }[]): number {
  return workMin + workPerByteMax * files.reduce((sum, { bytes }) => sum + bytes, 0)
}

type Prefixes = { a: string; b: string }

/** Left away in front of the names of one side, when more of them then have a match than as they are. */
function choosePrefixes(a: readonly OpenTensor[], b: readonly OpenTensor[]): Prefixes {
  const [namesA, namesB] = [a, b].map((tensors) => new Set(tensors.map(({ name }) => name)))
  const candidates: Prefixes[] = [
    { a: '', b: '' },
    ...wrappers.flatMap((prefix) => [
      { a: prefix, b: '' },
      { a: '', b: prefix },
    ]),
  ]
  const scored = candidates.map((prefixes) => ({
    prefixes,
    matches:
      prefixes.b === ''
        ? countMatches(a, prefixes.a, namesB ?? new Set())
        : countMatches(b, prefixes.b, namesA ?? new Set()),
  }))
  return scored.reduce((best, one) => (one.matches > best.matches ? one : best)).prefixes
}

function countMatches(tensors: readonly OpenTensor[], prefix: string, names: ReadonlySet<string>): number {
  return tensors.filter(({ name }) => names.has(dropPrefix(name, prefix))).length
}

function dropPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name
}

function nameTensors(tensors: readonly OpenTensor[], prefix: string): Map<string, OpenTensor> {
  const named = new Map<string, OpenTensor>()
  for (const tensor of tensors) {
    const short = dropPrefix(tensor.name, prefix)
    named.set(named.has(short) ? tensor.name : short, tensor)
  }
  return named
}

type Pair = { name: string; a: OpenTensor | undefined; b: OpenTensor | undefined }

function matchTensors(a: ReadonlyMap<string, OpenTensor>, b: ReadonlyMap<string, OpenTensor>): Pair[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].toSorted(compareNames)
  return names.map((name) => ({ name, a: a.get(name), b: b.get(name) }))
}

type Compared = { row: ComparedTensor; measure: DifferenceMeasure | undefined }
type Readers = { a: Side; b: Side }
type Room = { slice: Uint8Array; block: Float64Array }
type Side = { tensor: OpenTensor; dtype: TensorDtype; decode: Decode; reader: ElementReader }

async function compareAll(pairs: readonly Pair[], bytesMax: number, watch: Watch): Promise<Compared[]> {
  const plans = pairs.map((pair) => ({ pair, readers: openPair(pair) }))
  const bytesTotal = plans.reduce((sum, { readers }) => sum + measureWork(readers), 0)
  let bytesDone = 0
  const sides = plans.flatMap(({ readers }) => (typeof readers === 'string' ? [] : [readers]))
  const room = { a: makeRoom(sides.map(({ a }) => a.reader)), b: makeRoom(sides.map(({ b }) => b.reader)) }
  const compared: Compared[] = []
  for (const { pair, readers } of plans) {
    const work = measureWork(readers)
    if (typeof readers === 'string') compared.push({ row: describePair(pair, readers), measure: undefined })
    else if (bytesDone + work > bytesMax)
      compared.push({ row: describePair(pair, 'it repeats itself so much that it is not read'), measure: undefined })
    else {
      const measure = await measurePair(
        { ...readers, room },
        (share) => watch.progress(bytesDone + share * work, bytesTotal),
        watch,
      )
      bytesDone += work
      const change = measure.isSame ? 'same' : 'changed'
      compared.push({ row: { ...describePair(pair, null), change, ...measure.finish() }, measure })
    }
  }
  watch.progress(bytesTotal, bytesTotal)
  return compared
}

function measureWork(readers: Readers | string): number {
  if (typeof readers === 'string') return 0
  const { a, b } = readers
  return a.reader.count * (elementBytes[a.dtype] + elementBytes[b.dtype])
}

/** Readers of both, element beside element; in words why there are none. */
function openPair({ a, b }: Pair): Readers | string {
  if (a === undefined || b === undefined || !hasSameShape(a, b)) return ''
  const order = haveSamePlace(a, b) ? 'any' : 'index'
  const [sideA, sideB] = [openSide(a, order), openSide(b, order)]
  if (typeof sideA === 'string') return sideA
  return typeof sideB === 'string' ? sideB : { a: sideA, b: sideB }
}

function openSide(tensor: OpenTensor, order: 'index' | 'any'): Side | string {
  const readable = asReadable(tensor)
  if (readable === undefined) return tensor.note ?? 'it is not looked into'
  const decode = findDecoder(readable.dtype)
  const reader = decode && openElements(readable, order)
  if (decode === undefined || reader === undefined) return explainUnread(readable.dtype)
  return { tensor, dtype: readable.dtype, decode, reader }
}

function hasSameShape(a: OpenTensor, b: OpenTensor): boolean {
  return a.shape.length === b.shape.length && a.shape.every((size, at) => size === b.shape[at])
}

/** Elements with the same indices lie in the same order in both, and none is repeated: they can be read as they lie. */
function haveSamePlace(a: OpenTensor, b: OpenTensor): boolean {
  const [one, other] = [a.place?.strides, b.place?.strides]
  return one !== undefined && other !== undefined && one.every((stride, at) => stride !== 0 && stride === other[at])
}

function makeRoom(readers: readonly ElementReader[]): Room {
  return { slice: makeSliceRoom(readers), block: new Float64Array(blockElements) }
}

type Measuring = Readers & { room: { a: Room; b: Room } }

async function measurePair(
  { a, b, room }: Measuring,
  tell: (share: number) => void,
  watch: Watch,
): Promise<DifferenceMeasure> {
  const measure = new DifferenceMeasure()
  const isExact = a.dtype === b.dtype && (a.dtype === 'int64' || a.dtype === 'uint64')
  for (let from = 0; from < a.reader.count; from += sliceElements) {
    throwIfCancelled(watch)
    const length = Math.min(sliceElements, a.reader.count - from)
    const sliceA = await a.reader.read({ source: a.tensor.source, from, count: length }, room.a.slice)
    const sliceB = await b.reader.read({ source: b.tensor.source, from, count: length }, room.b.slice)
    for (let at = 0; at < length; at += blockElements) {
      const count = Math.min(blockElements, length - at)
      a.decode(sliceA, at, count, room.a.block)
      b.decode(sliceB, at, count, room.b.block)
      measure.add(room.a.block, room.b.block, count, isExact ? countUnequal(sliceA, sliceB, at, count) : 0)
    }
    tell((from + length) / a.reader.count)
  }
  return measure
}

/** 64-bit integers that differ, though as float64 they may be the same. */
function countUnequal(a: Uint8Array, b: Uint8Array, from: number, count: number): number {
  const [one, other] = [a, b].map((bytes) => new Int32Array(bytes.buffer, bytes.byteOffset + from * 8, count * 2))
  let unequal = 0
  for (let at = 0; at < 2 * count; at += 2)
    if (one?.[at] !== other?.[at] || one?.[at + 1] !== other?.[at + 1]) unequal += 1
  return unequal
}

function describePair({ name, a, b }: Pair, note: string | null): ComparedTensor {
  const about = { name, a: describeOne(a), b: describeOne(b), ...noDistances, note: note === '' ? null : note }
  if (a === undefined) return { ...about, change: 'onlyB' }
  if (b === undefined) return { ...about, change: 'onlyA' }
  return { ...about, change: hasSameShape(a, b) ? 'unread' : 'shape' }
}

function describeOne(tensor: OpenTensor | undefined): ComparedTensor['a'] {
  return tensor === undefined ? null : { dtype: tensor.dtype, shape: [...tensor.shape] }
}

function addUp(compared: readonly Compared[]): CheckpointComparison['totals'] {
  const total = new DifferenceMeasure()
  for (const { measure } of compared) if (measure !== undefined) total.merge(measure)
  return total.finish()
}

function addUpLayers(compared: readonly Compared[]): CheckpointComparison['layers'] {
  const layers = new Map<string, Compared[]>()
  for (const one of compared) {
    if (one.measure === undefined) continue
    const name = nameLayer(one.row.name)
    const members = layers.get(name)
    if (members === undefined) layers.set(name, [one])
    else members.push(one)
  }
  return [...layers].map(([name, members]) => ({ name, tensors: members.length, ...addUp(members) }))
}
