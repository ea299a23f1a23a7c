/**
 * When a line was at which step or epoch. Up to `pairsMax` points each is read; of a longer line the ends of its blocks of
 * 64 points or of its chunks, which outlines know, and only those chunks are read in which steps go back.
 */
import type { ClockPoints } from '@pilothouse/contract'
import { type AxisNumber, at, blockPoints, stride } from './outline.ts'
import { isOrdered, listLine, type Piece, visitPoints } from './pieces.ts'
import { readBlocks } from './query-series.ts'
import type { Room } from './room.ts'
import type { Line } from './select-series.ts'

/** About so many are read. */
const pairsMax = 20_000
const timeAxis = 1

export async function readClock(room: Room, line: Line, column: AxisNumber): Promise<ClockPoints> {
  const pieces = await listLine(room, line, { axis: timeAxis, from: -Infinity, to: Infinity, column })
  const total = pieces.reduce((sum, { count }) => sum + count, 0)
  const far = total > pairsMax * blockPoints ? 'record' : 'blocks'
  for (const piece of pieces) {
    const reads = total <= pairsMax || piece.chunk < 0 || !piece.whole
    const rises = !reads && isOrdered(piece, timeAxis) && isOrdered(piece, column)
    piece.way = rises ? far : 'points'
  }
  await readBlocks(room, pieces)
  const pairs = new ClockPairs()
  await visitPoints(room, pieces, {
    axis: timeAxis,
    column,
    needs: ({ way }) => way === 'points',
    visit: (_, { xs, values, length }) => {
      for (let point = 0; point < length; point += 1) pairs.add(xs[point], values[point])
    },
    pass: (piece) => addEnds(pairs, piece, column),
  })
  return pairs.finish()
}

function addEnds(pairs: ClockPairs, { index, chunk, way }: Piece, column: AxisNumber): void {
  const blocks = way === 'blocks' ? index.blocks[chunk] : undefined
  const records = blocks ?? index.records.subarray(chunk * stride, (chunk + 1) * stride)
  for (let base = 0; base < records.length; base += stride) {
    for (const end of [at.low, at.high]) pairs.add(records[base + end + timeAxis * 2], records[base + end + column * 2])
  }
}

class ClockPairs {
  readonly #times: number[] = []
  readonly #values: number[] = []
  #isOrdered = true

  add(time = Number.NaN, value = Number.NaN): void {
    if (!Number.isFinite(time) || !Number.isFinite(value)) return
    if (time < (this.#times.at(-1) ?? time)) this.#isOrdered = false
    this.#times.push(time)
    this.#values.push(value)
  }

  /** In order of time, equal ones in order of arrival. */
  finish(): ClockPoints {
    const [times, values] = [this.#times, this.#values]
    if (this.#isOrdered) return { times, values }
    const order = times.map((_, place) => place).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b)
    return { times: order.map((place) => times[place] ?? 0), values: order.map((place) => values[place] ?? 0) }
  }
}
