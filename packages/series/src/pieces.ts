/** What a query reads: the chunks and heads in which points lie that count, and how their points are gone through. */
import type { Points } from './buckets.ts'
import { chunkPoints, decodeChunk } from './chunk.ts'
import { countHead, type Series } from './group.ts'
import { type AxisNumber, at, missingEpochFlag, stride } from './outline.ts'
import { describeSeries, readStored, type Room, takeBytes, takeNumber } from './room.ts'
import { viewRun } from './run.ts'
import type { Line } from './select-series.ts'
import { openIndex, type SeriesIndex } from './series-index.ts'

const chunksAtOnce = 64
/** Points of cut chunks that a query keeps between its two passes; others are read twice. */
const keptPointsMax = 1_000_000
const readData = 'select start, data from chunk where series = ? and start >= ? and start <= ? order by start'

/** What is asked of a line. */
export type Window = {
  axis: AxisNumber
  from: number
  to: number
  points: number
  /** Weight of the moving average (smooth-line.ts); absent = none. */
  smooth?: number | 'auto' | undefined
}

type Bounds = { from: number; to: number; stepMax: number }

/** A chunk, or a head, with points in the window. */
export type Piece = {
  series: Series
  bounds: Bounds
  index: SeriesIndex
  /** -1: the head. */
  chunk: number
  low: number
  high: number
  /** All its points count. */
  whole: boolean
  /** Number of its points that count. */
  count: number
  points: Points | undefined
  /** No other piece lies across its x. */
  clear: boolean
  way: Way
}

/** How a piece is added: its record as one, the records of its blocks, or point by point. */
export type Way = 'record' | 'blocks' | 'points'

/** `column`: read instead of the values. */
type Part = { series: Series; bounds: Bounds; axis: AxisNumber; column?: AxisNumber | undefined }

/** The pieces of a line that have points in the window, series after series, each in order of arrival. */
export async function listLine(
  room: Room,
  { parts }: Line,
  { axis, from, to, column }: Omit<Window, 'points'> & Pick<Part, 'column'>,
): Promise<Piece[]> {
  const pieces: Piece[] = []
  for (const { series, stepMax } of parts) {
    const bounds = { from, to: axis === 0 ? Math.min(to, stepMax) : to, stepMax: axis === 0 ? Infinity : stepMax }
    await listPieces(room, pieces, { series, bounds, axis, column })
  }
  return pieces
}

async function listPieces(room: Room, pieces: Piece[], { series, bounds, axis, column }: Part): Promise<void> {
  const index = await openIndex(room, series)
  const { records } = index
  for (let chunk = 0; chunk < index.count; chunk += 1) {
    const base = chunk * stride
    const low = records[base + at.low + axis * 2] ?? 0
    const high = records[base + at.high + axis * 2] ?? 0
    if (!(high >= bounds.from && low <= bounds.to) || (records[base + at.low] ?? 0) > bounds.stepMax) continue
    const complete = axis !== 2 || ((records[base + at.flags] ?? 0) & missingEpochFlag) === 0
    const inside = low >= bounds.from && high <= bounds.to && (records[base + at.high] ?? 0) <= bounds.stepMax
    const whole = inside && complete
    const count = records[base + at.n] ?? 0
    pieces.push(makePiece({ series, bounds, index, chunk, low, high, whole, count, points: undefined }))
  }
  const points = takeHead({ series, bounds, axis, column })
  if (points.length > 0) {
    const range = findRange(points)
    pieces.push(makePiece({ series, bounds, index, chunk: -1, ...range, whole: true, count: points.length, points }))
  }
}

function makePiece(known: Omit<Piece, 'clear' | 'way'>): Piece {
  const { series, bounds, index, chunk, low, high, whole, count, points } = known
  return { series, bounds, index, chunk, low, high, whole, count, points, clear: false, way: 'points' }
}

function takeHead({ series, bounds, axis, column }: Part): Points {
  const length = countHead(series)
  const { head } = series
  if (!head) return nothing
  const { steps, times, epochs } = head.axis
  const runs = [steps, times, epochs]
  const run = runs[axis]
  const values = column === undefined ? head.values : runs[column]
  if (!run || !values) return nothing
  const points = { xs: viewRun(run, 0, length), values: viewRun(values, 0, length), length, ordered: false }
  return filterPoints(points, bounds.stepMax < Infinity ? viewRun(steps, 0, length) : undefined, bounds)
}

const nothing: Points = { xs: new Float64Array(0), values: new Float64Array(0), length: 0, ordered: true }

/** Those within the bounds; the same arrays if all are. */
function filterPoints(points: Points, steps: Float64Array | undefined, { from, to, stepMax }: Bounds): Points {
  const { xs, values, length } = points
  const fits = (point: number) => {
    const x = xs[point] ?? 0
    return x >= from && x <= to && x - x === 0 && !(steps && (steps[point] ?? 0) > stepMax)
  }
  let count = 0
  for (let point = 0; point < length; point += 1) if (fits(point)) count += 1
  if (count === length) return points
  const kept = { xs: new Float64Array(count), values: new Float64Array(count), length: count, ordered: points.ordered }
  let to_ = 0
  for (let point = 0; point < length; point += 1) {
    if (!fits(point)) continue
    kept.xs[to_] = xs[point] ?? 0
    kept.values[to_] = values[point] ?? 0
    to_ += 1
  }
  return kept
}

function findRange({ xs, length }: Points): { low: number; high: number } {
  let low = Infinity
  let high = -Infinity
  for (let point = 0; point < length; point += 1) {
    const x = xs[point] ?? 0
    if (x < low) low = x
    if (x > high) high = x
  }
  return { low, high }
}

/** First pass: chunks of which only some points count are read, so that number and range are exact. */
export async function readCut(room: Room, pieces: Piece[], axis: AxisNumber): Promise<void> {
  let kept = 0
  const visit = (piece: Piece, points: Points) => {
    if (piece.whole) return
    piece.count = points.length
    Object.assign(piece, findRange(points))
    kept += points.length
    if (kept > keptPointsMax) return
    piece.points = { ...points, xs: points.xs.slice(0, points.length), values: points.values.slice(0, points.length) }
  }
  const cut = pieces.filter(({ whole }) => !whole)
  if (cut.length > 0) await visitPoints(room, cut, { axis, needs: () => true, visit, pass: () => undefined })
}

type Visit = {
  axis: AxisNumber
  /** Read instead of the values. */
  column?: AxisNumber | undefined
  /** Whether the points of this piece are wanted. */
  needs: (piece: Piece) => boolean
  /** Gets the points that count; the arrays are good until it returns. */
  visit: (piece: Piece, points: Points) => void
  /** Gets the other pieces. */
  pass: (piece: Piece) => void
}

/** Goes through the pieces in order, reading neighbouring chunks together. */
export async function visitPoints(
  room: Room,
  pieces: readonly Piece[],
  { axis, column, needs, visit, pass }: Visit,
): Promise<void> {
  let place = 0
  while (place < pieces.length) {
    const piece = pieces[place]
    if (!piece) return
    if (piece.points ?? !needs(piece)) {
      if (piece.points) visit(piece, piece.points)
      else pass(piece)
      place += 1
      continue
    }
    const run = takeRun(pieces, place, needs)
    await readRun(room, run, { axis, column, visit })
    place += run.length
  }
}

/** The pieces from `from` on that are neighbouring chunks to be read. */
export function takeRun(pieces: readonly Piece[], from: number, needs: (piece: Piece) => boolean): Piece[] {
  const run: Piece[] = []
  for (let place = from; place < pieces.length && run.length < chunksAtOnce; place += 1) {
    const piece = pieces[place]
    const before = run.at(-1)
    if (!piece || piece.points || piece.chunk < 0 || !needs(piece)) break
    if (before && (before.series !== piece.series || before.chunk + 1 !== piece.chunk)) break
    run.push(piece)
  }
  return run
}

const stepScratch = new Float64Array(chunkPoints)
const xScratch = new Float64Array(chunkPoints)
const valueScratch = new Float64Array(chunkPoints)

async function readRun(
  room: Room,
  run: readonly Piece[],
  { axis, column, visit }: Pick<Visit, 'axis' | 'column' | 'visit'>,
): Promise<void> {
  const [first] = run
  const last = run.at(-1)
  if (!first || !last) return
  const { series, index, bounds } = first
  const limits = [index.starts[first.chunk] ?? 0, index.starts[last.chunk] ?? 0]
  const rows = await room.db.all(readData, [series.id, ...limits])
  const filtersSteps = bounds.stepMax < Infinity
  const values = column === 0 && filtersSteps ? stepScratch : valueScratch
  const outs = [0, 1, 2].map((one) =>
    one === axis ? xScratch : one === 0 && filtersSteps ? stepScratch : one === column ? values : undefined,
  )
  for (const piece of run) {
    const what = `The chunk at point ${index.starts[piece.chunk] ?? 0} of ${describeSeries(series)}`
    const row = rows[piece.chunk - first.chunk]
    const length = readStored(what, () => {
      if (!row || takeNumber(row, 'start') !== index.starts[piece.chunk]) throw new Error('it is missing')
      return decodeChunk(takeBytes(row, 'data'), [...outs, column === undefined ? values : undefined])
    })
    const points = { xs: xScratch, values, length, ordered: isOrdered(piece, axis) }
    visit(piece, piece.whole ? points : filterPoints(points, filtersSteps ? stepScratch : undefined, bounds))
  }
}

/** Its points arrived in order of x. */
export function isOrdered({ index, chunk }: Piece, axis: AxisNumber): boolean {
  return ((index.records[chunk * stride + at.flags] ?? 0) & (1 << axis)) === 0
}
