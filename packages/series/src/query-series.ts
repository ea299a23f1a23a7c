/**
 * Series in buckets. What is promised:
 *
 *   - Only points with a finite x within [from, to] count; `count` is exact, and so is the sum of `n`.
 *   - As many points as buckets, or fewer: each point is a bucket, by x, equal x by order of arrival.
 *   - More: the stretch from the lowest to the highest x found is cut into `points` equal parts (`Grid`); empty ones are
 *     left out. Buckets follow one another in order of (x, arrival), and every column is exact for the points of its
 *     bucket. `first` and `last` go by x, then by arrival. (`mean` is a sum over the number: the order of addition may show
 *     in the last digits, and a sum beyond the range of doubles is infinite.)
 *   - Each point is in the part where its x lies, with one exception for long series: with 256 points a bucket or more on
 *     average, 64 points that arrived one after another in order of x, and across whose x nothing else lies, go together
 *     to the part of the first of them if the others lie in that or the next part. With 8,192 points a bucket or more the
 *     same holds for chunks of 1,024. So a boundary is displaced by less than a quarter (an eighth) of a bucket's points.
 *
 * Measured on 2 cores, to 1,000 buckets: reading everything costs 9 ms for a million points, 79 ms for ten million; with
 * blocks of 64 it is 2 and 29 ms, with chunks 0.7 and 7 ms.
 */
import { chunkPoints, decodeChunk } from './chunk.ts'
import { type BucketColumns, Buckets, Grid, makeSingles, type Points } from './buckets.ts'
import { countHead, type Series } from './group.ts'
import { type AxisNumber, at, missingEpochFlag, stride } from './outline.ts'
import { describeSeries, readStored, type Room, takeBytes, takeNumber } from './room.ts'
import { viewRun } from './run.ts'
import type { Line } from './select-series.ts'
import { openBlocks, openIndex, type SeriesIndex } from './series-index.ts'
import type { SeriesBuckets } from './types.ts'

/** From so many points a bucket on, blocks and chunks are not cut at a boundary. */
const blocksFrom = 256
const chunksFrom = 8192
const chunksAtOnce = 64
/** Points of cut chunks that a query keeps between its two passes; others are read twice. */
const keptPointsMax = 1_000_000
const readData = 'select start, data from chunk where series = ? and start >= ? and start <= ? order by start'

export type Window = { axis: AxisNumber; from: number; to: number; points: number }

type Bounds = { from: number; to: number; stepMax: number }

/** A chunk, or a head, with points in the window. */
type Piece = {
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
type Way = 'record' | 'blocks' | 'points'

/** One line in at most `window.points` buckets. */
export async function queryLine(room: Room, line: Line, window: Window): Promise<SeriesBuckets> {
  const { group, branch, source, key, parts } = line
  const pieces: Piece[] = []
  for (const { series, stepMax } of parts) {
    const to = window.axis === 0 ? Math.min(window.to, stepMax) : window.to
    const bounds = { from: window.from, to, stepMax: window.axis === 0 ? Infinity : stepMax }
    await listPieces(room, pieces, { series, bounds, axis: window.axis })
  }
  await readCut(room, pieces, window.axis)
  const count = pieces.reduce((sum, piece) => sum + piece.count, 0)
  const columns =
    count <= window.points
      ? await takeSingles(room, pieces, { axis: window.axis, count })
      : await fillBuckets(room, pieces, { window, count })
  const own = parts.find(({ series }) => series.branch === branch)
  return { group, branch, source, key, total: own?.series.total ?? 0, count, ...columns }
}

type Part = { series: Series; bounds: Bounds; axis: AxisNumber }

async function listPieces(room: Room, pieces: Piece[], { series, bounds, axis }: Part): Promise<void> {
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
  const points = takeHead(series, { series, bounds, axis })
  if (points.length > 0) {
    const range = findRange(points)
    pieces.push(makePiece({ series, bounds, index, chunk: -1, ...range, whole: true, count: points.length, points }))
  }
}

function makePiece(known: Omit<Piece, 'clear' | 'way'>): Piece {
  const { series, bounds, index, chunk, low, high, whole, count, points } = known
  return { series, bounds, index, chunk, low, high, whole, count, points, clear: false, way: 'points' }
}

function takeHead(series: Series, { bounds, axis }: Part): Points {
  const length = countHead(series)
  const { head } = series
  if (!head) return nothing
  const { steps, times, epochs } = head.axis
  const run = [steps, times, epochs][axis]
  if (!run) return nothing
  const points = { xs: viewRun(run, 0, length), values: viewRun(head.values, 0, length), length, ordered: false }
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
async function readCut(room: Room, pieces: Piece[], axis: AxisNumber): Promise<void> {
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
  /** Whether the points of this piece are wanted. */
  needs: (piece: Piece) => boolean
  /** Gets the points that count; the arrays are good until it returns. */
  visit: (piece: Piece, points: Points) => void
  /** Gets the other pieces. */
  pass: (piece: Piece) => void
}

/** Goes through the pieces in order, reading neighbouring chunks together. */
async function visitPoints(room: Room, pieces: readonly Piece[], { axis, needs, visit, pass }: Visit): Promise<void> {
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
    await readRun(room, run, { axis, visit })
    place += run.length
  }
}

/** The pieces from `from` on that are neighbouring chunks to be read. */
function takeRun(pieces: readonly Piece[], from: number, needs: (piece: Piece) => boolean): Piece[] {
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
  { axis, visit }: Pick<Visit, 'axis' | 'visit'>,
): Promise<void> {
  const [first] = run
  const last = run.at(-1)
  if (!first || !last) return
  const { series, index, bounds } = first
  const limits = [index.starts[first.chunk] ?? 0, index.starts[last.chunk] ?? 0]
  const rows = await room.db.all(readData, [series.id, ...limits])
  const filtersSteps = bounds.stepMax < Infinity
  const outs = [0, 1, 2].map((column) =>
    column === axis ? xScratch : column === 0 && filtersSteps ? stepScratch : undefined,
  )
  for (const piece of run) {
    const what = `The chunk at point ${index.starts[piece.chunk] ?? 0} of ${describeSeries(series)}`
    const row = rows[piece.chunk - first.chunk]
    const length = readStored(what, () => {
      if (!row || takeNumber(row, 'start') !== index.starts[piece.chunk]) throw new Error('it is missing')
      return decodeChunk(takeBytes(row, 'data'), [...outs, valueScratch])
    })
    const points = { xs: xScratch, values: valueScratch, length, ordered: isOrdered(piece, axis) }
    visit(piece, piece.whole ? points : filterPoints(points, filtersSteps ? stepScratch : undefined, bounds))
  }
}

async function takeSingles(
  room: Room,
  pieces: readonly Piece[],
  { axis, count }: { axis: AxisNumber; count: number },
): Promise<BucketColumns> {
  const xs = new Float64Array(count)
  const values = new Float64Array(count)
  let to = 0
  const visit = (_: Piece, points: Points) => {
    xs.set(points.xs.subarray(0, points.length), to)
    values.set(points.values.subarray(0, points.length), to)
    to += points.length
  }
  await visitPoints(room, pieces, { axis, needs: ({ count: some }) => some > 0, visit, pass: () => undefined })
  return makeSingles(xs, values)
}

async function fillBuckets(
  room: Room,
  pieces: readonly Piece[],
  { window, count }: { window: Window; count: number },
): Promise<BucketColumns> {
  const { axis } = window
  const { low, high } = pieces.reduce(joinRanges, { low: Infinity, high: -Infinity })
  const grid = new Grid(low, high, window.points)
  const buckets = new Buckets(grid)
  const mean = count / window.points
  if (mean >= blocksFrom) findClear(pieces)
  for (const piece of pieces) piece.way = chooseWay(piece, { grid, axis, mean })
  await readBlocks(room, pieces)
  for (const piece of pieces) if (piece.way === 'blocks' && !fitsBlocks(piece, grid, axis)) piece.way = 'points'
  await visitPoints(room, pieces, {
    axis,
    needs: (piece) => piece.count > 0 && piece.way === 'points',
    visit: (_, points) => buckets.addPoints(points),
    pass: (piece) => addRecords(buckets, grid, piece, axis),
  })
  return buckets.finish()
}

function joinRanges(range: { low: number; high: number }, { low, high, count }: Piece): { low: number; high: number } {
  if (count === 0) return range
  return { low: Math.min(range.low, low), high: Math.max(range.high, high) }
}

/** Tells the pieces across whose x no other piece lies. */
function findClear(pieces: readonly Piece[]): void {
  let highest = -Infinity
  for (const piece of pieces) {
    piece.clear = piece.low >= highest
    highest = Math.max(highest, piece.high)
  }
  let lowest = Infinity
  for (const piece of pieces.toReversed()) {
    piece.clear &&= piece.high <= lowest
    lowest = Math.min(lowest, piece.low)
  }
}

function chooseWay(piece: Piece, { grid, axis, mean }: { grid: Grid; axis: AxisNumber; mean: number }): Way {
  const { whole, chunk, low, high, clear } = piece
  if (!whole || chunk < 0 || !isOrdered(piece, axis)) return 'points'
  const across = grid.find(high) - grid.find(low)
  if (across === 0 || (clear && mean >= chunksFrom && across === 1)) return 'record'
  return mean >= blocksFrom ? 'blocks' : 'points'
}

/** Its points arrived in order of x. */
function isOrdered({ index, chunk }: Piece, axis: AxisNumber): boolean {
  return ((index.records[chunk * stride + at.flags] ?? 0) & (1 << axis)) === 0
}

async function readBlocks(room: Room, pieces: readonly Piece[]): Promise<void> {
  const misses = ({ way, index, chunk }: Piece) => way === 'blocks' && !index.blocks[chunk]
  for (let place = 0; place < pieces.length; place += 1) {
    const piece = pieces[place]
    if (!piece || !misses(piece)) continue
    const last = takeRun(pieces, place, misses).at(-1) ?? piece
    await openBlocks(room, piece.series, piece.index, { from: piece.chunk, upto: last.chunk })
  }
}

/** Whether no block would have to be cut. */
function fitsBlocks({ index, chunk, clear }: Piece, grid: Grid, axis: AxisNumber): boolean {
  const blocks = index.blocks[chunk]
  if (!blocks) return false
  for (let base = 0; base < blocks.length; base += stride) {
    const across = grid.find(blocks[base + at.high + axis * 2] ?? 0) - grid.find(blocks[base + at.low + axis * 2] ?? 0)
    if (across > (clear ? 1 : 0)) return false
  }
  return true
}

function addRecords(buckets: Buckets, grid: Grid, { index, chunk, low, count, way }: Piece, axis: AxisNumber): void {
  const blocks = index.blocks[chunk]
  if (count === 0) return
  if (way === 'record' || !blocks) return buckets.addRecord(grid.find(low), index.records, chunk * stride, axis)
  for (let base = 0; base < blocks.length; base += stride) {
    buckets.addRecord(grid.find(blocks[base + at.low + axis * 2] ?? 0), blocks, base, axis)
  }
}
