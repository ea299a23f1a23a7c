/** Raw points in order of arrival. Other operations may run between two runs, so each run looks anew where it stands. */
import { chunkPoints, decodeChunk } from './chunk.ts'
import type { Group, Series } from './group.ts'
import { openGroup } from './load-group.ts'
import { describeSeries, readStored, type Room, takeBytes, takeNumber } from './room.ts'
import { viewRun } from './run.ts'
import { selectSeries } from './select-series.ts'
import type { SeriesPoints, SeriesSelector } from './types.ts'

const readChunk = 'select start, n, data from chunk where series = ? and start <= ? order by start desc limit 1'

/** All points that were there when their series' turn came. Ends early for a group that is deleted meanwhile. */
export async function* exportPoints(
  room: Room,
  selectors: readonly SeriesSelector[],
  { from = 0 }: { from?: number } = {},
): AsyncGenerator<SeriesPoints> {
  const done = new Set<number>()
  for (const selector of selectors) {
    const group = await openGroup(room, selector.group)
    for (const { id, total } of selectSeries(group, selector).map((series) => ({ ...series }))) {
      if (done.has(id)) continue
      done.add(id)
      yield* exportSeries(room, { group: selector.group, id, first: from, total })
    }
  }
}

/** Points with the numbers `first` … `total` - 1. */
type Wanted = { group: number; id: number; first: number; total: number }

async function* exportSeries(room: Room, { group: groupId, id, first, total }: Wanted): AsyncGenerator<SeriesPoints> {
  for (let from = first; from < total;) {
    const group: Group = await openGroup(room, groupId)
    const series = group.series.get(id)
    if (!series) return
    const points = from < series.sealed ? await takeChunk(room, series, from) : takeHead(series, from)
    const run = cutRun(points, total - from)
    yield run
    from += run.values.length
  }
}

async function takeChunk(room: Room, series: Series, from: number): Promise<SeriesPoints> {
  const [row] = await room.db.all(readChunk, [series.id, from])
  const what = `The chunk with point ${from} of ${describeSeries(series)}`
  const columns = Array.from({ length: 4 }, () => new Float64Array(chunkPoints))
  const skipped = readStored(what, () => {
    if (!row) throw new Error('it is missing')
    const length = decodeChunk(takeBytes(row, 'data'), columns)
    const before = from - takeNumber(row, 'start')
    if (before >= length) throw new Error('it is missing')
    return { before, length }
  })
  return makeRun(
    series,
    from,
    columns.map((column) => column.subarray(skipped.before, skipped.length)),
  )
}

function takeHead(series: Series, from: number): SeriesPoints {
  const { head, sealed, total } = series
  const at = from - sealed
  const until = Math.min(total - sealed, at + chunkPoints)
  if (!head) return makeRun(series, from, [])
  const { steps, times, epochs } = head.axis
  const runs = [steps, times, epochs ?? new Float64Array(until).fill(Number.NaN), head.values]
  return makeRun(
    series,
    from,
    runs.map((run) => viewRun(run, at, until).slice()),
  )
}

function makeRun({ branch, source, key }: Series, from: number, columns: readonly Float64Array[]): SeriesPoints {
  const [steps = empty, times = empty, epochs = empty, values = empty] = columns
  return { branch, source, key, from, steps, times, epochs, values }
}

const empty = new Float64Array(0)

function cutRun(run: SeriesPoints, length: number): SeriesPoints {
  if (run.values.length <= length) return run
  const cut = (column: Float64Array) => column.subarray(0, length)
  return { ...run, steps: cut(run.steps), times: cut(run.times), epochs: cut(run.epochs), values: cut(run.values) }
}
