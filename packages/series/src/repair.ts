/**
 * What is put together again when the newest part of a group cannot be read: a row of the WAL, a tail, a summary. Points
 * that nothing else has are gone; numbers of points stay without a hole, so what follows stands behind the last chunk.
 */
import { chunkPoints, decodeChunk } from './chunk.ts'
import { appendRows, countHead, dropSealed, type Group, makeSeries, type Series } from './group.ts'
import { describeSeries, readOrTell, type Room, takeBytes, takeNumber } from './room.ts'

const readChunks = 'select start, n, data from chunk where series = ? order by start'
const readEnd = 'select start + n as sealed from chunk where series = ? order by start desc limit 1'
const readLast = 'select start, n, data from chunk where series = ? order by start desc limit 1'

/** The group without its tail: each series ends with its last chunk. */
export async function cutToChunks(room: Room, group: Group): Promise<void> {
  for (const series of group.series.values()) {
    const end = await readSealed(room, series)
    Object.assign(series, { total: end, sealed: end, head: undefined } satisfies Partial<Series>)
  }
}

/** Newest point, extremes and counts of each series from its chunks. Slow: it reads them all. */
export async function rebuildSummary(room: Room, group: Group): Promise<void> {
  const columns = makeColumns()
  for (const series of group.series.values()) await foldChunks(room, series, columns)
}

async function foldChunks(room: Room, series: Series, columns: Float64Array[]): Promise<void> {
  for (const row of await room.db.all(readChunks, [series.id])) {
    const count = takeNumber(row, 'n')
    const what = `The chunk at point ${takeNumber(row, 'start')} of ${describeSeries(series)}`
    if (readOrTell(room, what, () => decodeChunk(takeBytes(row, 'data'), columns)) === undefined) {
      series.total += count
      series.sealed += count
      continue
    }
    const [steps = none, times = none, epochs = none, values = none] = columns.map((one) => one.subarray(0, count))
    appendRows([series], { steps, times, epochs }, [values])
    dropSealed(series, count)
  }
}

/** Takes series of which only the chunks know the newest points from those alone. True when there were any. */
export async function refoldBehind(room: Room, group: Group): Promise<boolean> {
  let found = false
  for (const series of group.series.values()) {
    if ((await readSealed(room, series)) <= series.total) continue
    Object.assign(series, makeSeries(series.group, series.id, series.born, series))
    await foldChunks(room, series, makeColumns())
    found = true
  }
  return found
}

/** Number behind the last point in a chunk. */
export async function readSealed(room: Room, series: Series): Promise<number> {
  const [end] = await room.db.all(readEnd, [series.id])
  return end ? takeNumber(end, 'sealed') : 0
}

/**
 * Heads whose first number cannot be trusted: drops what the last chunk has, which is told by its newest point, and counts
 * on from there.
 */
export async function rejoinHead(room: Room, series: Series): Promise<void> {
  const [last] = await room.db.all(readLast, [series.id])
  if (!last || !series.head) return
  const columns = makeColumns()
  const what = `The chunk at point ${takeNumber(last, 'start')} of ${describeSeries(series)}`
  const count = readOrTell(room, what, () => decodeChunk(takeBytes(last, 'data'), columns)) ?? 0
  dropSealed(series, countUpTo(series, columns[0]?.[count - 1], columns[1]?.[count - 1]))
  const open = countHead(series)
  series.sealed = takeNumber(last, 'start') + takeNumber(last, 'n')
  series.total = series.sealed + open
}

/** Points of the head up to the one of this step and time; 0 when it has no such point. */
function countUpTo(series: Series, step: number | undefined, time: number | undefined): number {
  const axis = series.head?.axis
  for (let at = countHead(series) - 1; axis && at >= 0; at -= 1) {
    if (axis.steps[at] === step && axis.times[at] === time) return at + 1
  }
  return 0
}

function makeColumns(): Float64Array[] {
  return Array.from({ length: 4 }, () => new Float64Array(chunkPoints))
}

const none = new Float64Array(0)
