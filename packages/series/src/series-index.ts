/** Outlines of a series' chunks in memory: what a query decides with, before it reads points. */
import type { Series } from './group.ts'
import { decodePage } from './lod-page.ts'
import { decodeOutline, foldOutline, stride } from './outline.ts'
import { describeSeries, readStored, type Room, takeBytes, takeNumber } from './room.ts'

const readPages = 'select start, data from lod where series = ? order by start'
const readOutlines = 'select start, outline from chunk where series = ? and start >= ? order by start'
const readRange = 'select start, outline from chunk where series = ? and start >= ? and start <= ? order by start'

export class SeriesIndex {
  /** Chunks in order of arrival. */
  count = 0
  /** Number of each chunk's first point. */
  starts = new Float64Array(16)
  /** A record (outline.ts) for each chunk. */
  records = new Float64Array(16 * stride)
  /** Records of each chunk's blocks, where they have been read. */
  readonly blocks: (Float64Array | undefined)[] = []
  bytes = 500

  /** Number behind the last point. */
  get until(): number {
    const last = this.count - 1
    return last < 0 ? 0 : (this.starts[last] ?? 0) + (this.records[last * stride] ?? 0)
  }

  /** Adds a chunk of which the blocks are known. */
  append(start: number, blocks: Float64Array): void {
    this.reserve(1)
    foldOutline(blocks, this.records, this.count * stride)
    this.starts[this.count] = start
    this.setBlocks(this.count, blocks)
    this.count += 1
  }

  /** Adds the chunks of a page. */
  appendPage(starts: Float64Array, records: Float64Array): void {
    this.reserve(starts.length)
    this.starts.set(starts, this.count)
    this.records.set(records, this.count * stride)
    this.count += starts.length
  }

  setBlocks(chunk: number, blocks: Float64Array): void {
    this.blocks[chunk] = blocks
    this.bytes += blocks.byteLength + 200
  }

  reserve(more: number): void {
    if (this.count + more <= this.starts.length) return
    const capacity = Math.max(this.count + more, this.starts.length * 2)
    const starts = new Float64Array(capacity)
    const records = new Float64Array(capacity * stride)
    starts.set(this.starts)
    records.set(this.records)
    this.bytes += starts.byteLength + records.byteLength - this.starts.byteLength - this.records.byteLength
    this.starts = starts
    this.records = records
  }
}

/** Indexes by id of their series, the one used least recently first; bounded by `bytesMax`. */
export class IndexCache {
  readonly #bytesMax: number
  readonly #indexes = new Map<number, SeriesIndex>()

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get(series: number): SeriesIndex | undefined {
    const index = this.#indexes.get(series)
    if (index) {
      this.#indexes.delete(series)
      this.#indexes.set(series, index)
    }
    return index
  }

  put(series: number, index: SeriesIndex): void {
    this.#indexes.set(series, index)
  }

  /** A chunk was sealed. Unknown series stay unknown. */
  append(series: number, start: number, blocks: Float64Array): void {
    this.#indexes.get(series)?.append(start, blocks)
  }

  drop(series: number): void {
    this.#indexes.delete(series)
  }

  /** Drops those used least recently until the rest fits. */
  shrink(): void {
    let bytes = 0
    for (const index of this.#indexes.values()) bytes += index.bytes
    for (const [series, index] of this.#indexes) {
      if (bytes <= this.#bytesMax) return
      bytes -= index.bytes
      this.#indexes.delete(series)
    }
  }
}

/**
 * The index of a series, read if memory does not have it.
 * @throws PilothouseError `internal` when what is stored is damaged.
 */
export async function openIndex(room: Room, series: Series): Promise<SeriesIndex> {
  const known = room.indexes.get(series.id)
  if (known) return known
  const index = new SeriesIndex()
  for (const row of series.sealed > 0 ? await room.db.all(readPages, [series.id]) : []) {
    const what = `The page at point ${takeNumber(row, 'start')} of ${describeSeries(series)}`
    const { starts, records } = readStored(what, () => decodePage(takeBytes(row, 'data')))
    index.appendPage(starts, records)
  }
  const rest = series.sealed > index.until ? await room.db.all(readOutlines, [series.id, index.until]) : []
  for (const row of rest) index.append(takeNumber(row, 'start'), readOutline(series, row))
  readStored(`The list of chunks of ${describeSeries(series)}`, () => checkWhole(index, series.sealed))
  room.indexes.put(series.id, index)
  return index
}

/** Sees to it that the blocks of chunks `from` to `upto` are known. */
export async function openBlocks(
  room: Room,
  series: Series,
  index: SeriesIndex,
  { from, upto }: { from: number; upto: number },
) {
  let chunk = from
  for (const row of await room.db.all(readRange, [series.id, index.starts[from] ?? 0, index.starts[upto] ?? 0])) {
    index.setBlocks(chunk, readOutline(series, row))
    chunk += 1
  }
}

function readOutline(series: Series, row: Parameters<typeof takeBytes>[0]): Float64Array {
  const what = `The outline at point ${takeNumber(row, 'start')} of ${describeSeries(series)}`
  return readStored(what, () => decodeOutline(takeBytes(row, 'outline')))
}

function checkWhole(index: SeriesIndex, sealed: number): void {
  let next = 0
  for (let chunk = 0; chunk < index.count; chunk += 1) {
    if (index.starts[chunk] !== next) throw new Error(`points ${next} to ${index.starts[chunk] ?? next} are missing`)
    next += index.records[chunk * stride] ?? 0
  }
  if (next !== sealed) throw new Error(`it ends at point ${next} where ${sealed} were sealed`)
}
