import type { CheckpointSummary, TensorDtype, TensorSummary } from '@pilothouse/contract'
import { findDecoder } from './decode-elements.ts'
import { elementBytes } from './element-size.ts'
import { asFigure, SquareSum } from './exact-sum.ts'
import { blockElements, type TensorFigures, TensorMeasure } from './measure-elements.ts'
import { openCheckpoint, type OpenTensor } from './open-checkpoint.ts'
import { compareNames } from './order-names.ts'
import { asReadable, type ElementReader, makeSliceRoom, openElements, sliceElements } from './read-elements.ts'
import { throwIfCancelled, type Watch } from './watch.ts'

const noFigures: TensorFigures = { norm: null, mean: null, min: null, max: null, nonFinite: null, zeroShare: null }

/**
 * Tensors that share their place are read once. Overlapping ones on purpose could still ask for more than any disk
 * gives.
 */
const workPerByteMax = 8
const workMin = 64 * 1024 * 1024

/** Names whose tensors are no parameters: state of optimizers, averages, generators. */
const besideModel =
  /^(optim|opt_|ema|averag|sched|lr_sched|scaler|grad_scaler|rng|callbacks?|loops?|training_args|state\.|param_groups)/i

/**
 * Reads a file or folder through, and says of each tensor what it holds.
 * @throws TensorFileError
 */
export async function summariseCheckpoint(path: string, watch: Watch): Promise<CheckpointSummary> {
  const checkpoint = await openCheckpoint(path, watch.clock)
  try {
    const works = planWork(checkpoint.tensors)
    const measured = await measureAll(works, limitWork(checkpoint.files), watch)
    const tensors = checkpoint.tensors.map((tensor) => describeTensor(tensor, measured.get(tensor)))
    const { files, values, valuesLeftOut, suspicious, notes } = checkpoint
    const totals = addUp(checkpoint.tensors, tensors, measured)
    const sorted = tensors.toSorted((one, other) => compareNames(one.name, other.name))
    return { path, files, tensors: sorted, values, valuesLeftOut, suspicious, notes, totals }
  } finally {
    await checkpoint.close()
  }
}

/** Tensors of the same place and kind, and how their elements come. */
type Work = {
  key: string
  tensors: OpenTensor[]
  dtype: TensorDtype
  reader: ElementReader
  at: number
  fileNumber: number
}
type Measured = { figures: TensorFigures; squares: SquareSum; repeats: number } | { note: string }

function planWork(tensors: readonly OpenTensor[]): Work[] {
  const works = new Map<string, Work>()
  const files = new Map<string, number>()
  for (const tensor of tensors) {
    const readable = asReadable(tensor)
    if (readable === undefined || findDecoder(readable.dtype) === undefined) continue
    const reader = openElements(readable, 'any')
    if (reader === undefined) continue
    const fileNumber = files.get(tensor.file) ?? files.size
    files.set(tensor.file, fileNumber)
    const key = keyOf(tensor)
    const work = works.get(key)
    if (work !== undefined) work.tensors.push(tensor)
    else works.set(key, { key, tensors: [tensor], dtype: readable.dtype, reader, at: readable.place.at, fileNumber })
  }
  return [...works.values()].toSorted((one, other) => one.fileNumber - other.fileNumber || one.at - other.at)
}

/** The same for tensors that are the same elements of the same file. */
function keyOf({ file, dtype, shape, place }: OpenTensor): string {
  return place === null ? '' : JSON.stringify([file, dtype, place.at, place.offset, shape, place.strides])
}

function limitWork(files: readonly { bytes: number }[]): number {
  return workMin + workPerByteMax * files.reduce((sum, { bytes }) => sum + bytes, 0)
}

async function measureAll(works: readonly Work[], bytesMax: number, watch: Watch): Promise<Map<OpenTensor, Measured>> {
  const measured = new Map<OpenTensor, Measured>()
  const room = { slice: makeSliceRoom(works.map(({ reader }) => reader)), block: new Float64Array(blockElements) }
  const bytesTotal = works.reduce((sum, { reader }) => sum + reader.bytes, 0)
  let bytesDone = 0
  for (const { tensors, dtype, reader } of works) {
    const [first] = tensors
    if (first === undefined) continue
    const isTooMuch = bytesDone + reader.bytes > bytesMax
    const one: Measured = isTooMuch
      ? { note: 'it overlaps others so much that it is not read' }
      : await measureTensor(
          { tensor: first, dtype, reader, room },
          (share) => watch.progress(bytesDone + share * reader.bytes, bytesTotal),
          watch,
        )
    if (!isTooMuch) bytesDone += reader.bytes
    for (const tensor of tensors) measured.set(tensor, one)
  }
  watch.progress(bytesTotal, bytesTotal)
  return measured
}

type Room = { slice: Uint8Array; block: Float64Array }
type Measuring = { tensor: OpenTensor; dtype: TensorDtype; reader: ElementReader; room: Room }

async function measureTensor(
  { tensor, dtype, reader, room: { slice, block } }: Measuring,
  tell: (share: number) => void,
  watch: Watch,
): Promise<Measured> {
  const decode = findDecoder(dtype)
  const measure = new TensorMeasure()
  for (let from = 0; decode !== undefined && from < reader.count; from += sliceElements) {
    throwIfCancelled(watch)
    const length = Math.min(sliceElements, reader.count - from)
    const bytes = await reader.read({ source: tensor.source, from, count: length }, slice)
    for (let at = 0; at < length; at += blockElements) {
      const count = Math.min(blockElements, length - at)
      decode(bytes, at, count, block)
      measure.add(block, count)
    }
    tell((from + length) / reader.count)
  }
  return { figures: measure.finish(reader.repeats), squares: measure.squares, repeats: reader.repeats }
}

function describeTensor(tensor: OpenTensor, measured: Measured | undefined): TensorSummary {
  const { name, file, dtype, shape, count } = tensor
  const bytes = dtype === null ? 0 : count * elementBytes[dtype]
  const about = { name, file, dtype, shape: [...shape], count, bytes }
  if (measured !== undefined && 'figures' in measured) return { ...about, ...measured.figures, note: tensor.note }
  return { ...about, ...noFigures, note: tensor.note ?? measured?.note ?? explainUnread(dtype) }
}

/** Why the elements of a tensor that is known were not read. */
export function explainUnread(dtype: TensorDtype | null): string {
  if (dtype?.startsWith('complex') === true) return 'figures of complex numbers are not worked out'
  return 'its elements lie too scattered to be read'
}

function addUp(
  tensors: readonly OpenTensor[],
  summaries: readonly TensorSummary[],
  measured: ReadonlyMap<OpenTensor, Measured>,
): CheckpointSummary['totals'] {
  const squares = new SquareSum()
  for (const one of measured.values()) if ('squares' in one) squares.merge(one.squares, one.repeats)
  const places = new Map(tensors.map((tensor) => [tensor.place === null ? tensor.name : keyOf(tensor), tensor]))
  const parameters = [...places.values()].filter(isParameter)
  const sum = (of: (one: TensorSummary) => number): number => summaries.reduce((total, one) => total + of(one), 0)
  return {
    tensors: summaries.length,
    elements: sum(({ count }) => count),
    parameters: parameters.reduce((total, { count }) => total + count, 0),
    bytes: sum(({ bytes }) => bytes),
    norm: measured.size === 0 ? null : asFigure(squares.root()),
    nonFinite: sum(({ nonFinite }) => nonFinite ?? 0),
  }
}

function isParameter({ dtype, name }: OpenTensor): boolean {
  return dtype !== null && /^(float|bfloat|complex)/.test(dtype) && !besideModel.test(name)
}
