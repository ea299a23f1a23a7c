/**
 * The x columns of a head: step, time, epoch of each row. Keys that arrive in the same blocks share one axis, so the columns
 * are kept and encoded once for all of them. A head of n points sees the first n rows; an axis only grows, and a head that
 * falls behind and then gets other rows takes a copy of its own.
 */
import { scratch } from './bytes.ts'
import { encodeColumn } from './column.ts'
import { encodeAxisOutline, outlineAxis } from './outline.ts'
import { copyRun, fillRun, growRun, measureRun, type Run, viewRun } from './run.ts'

/** The x columns of a block. */
export type Rows = {
  steps: ArrayLike<number>
  times: ArrayLike<number>
  epochs?: ArrayLike<number> | undefined
}

/** A stretch of an axis as it goes into a chunk: encoded columns, and outlines of its blocks. */
export type AxisPiece = { columns: Uint8Array; records: Float64Array; outline: Uint8Array }

export class Axis {
  steps: Run = []
  times: Run = []
  /** Absent while no row has an epoch. */
  epochs: Run | undefined
  length = 0
  /** Stands for the block appended last; where its rows begin. */
  #newest: symbol | undefined
  #newestFrom = 0
  /** Weak: an axis that has been left must not live on because an older one remembers it. */
  #copies: { from: number; until: number; block: symbol | undefined; axis: WeakRef<Axis> }[] = []
  #pieces = new Map<number, AxisPiece>()

  /** The axis of a head of `length` rows once `rows` have been added to it: this one or a copy. `block` tells blocks apart. */
  extend(length: number, rows: Rows, block: symbol): Axis {
    if (length === this.length) {
      this.#append(rows, block)
      return this
    }
    if (this.#newest === block && this.#newestFrom === length) return this
    const axis = this.#copy(0, length, block)
    return axis.length === length ? axis.extend(length, rows, block) : axis
  }

  /** The rows from `from` to `until` as an axis of their own; the same one for all heads that ask for the same. */
  take(from: number, until: number): Axis {
    return this.#copy(from, until, undefined)
  }

  /** Encoded rows, worked out once for all heads that seal them. */
  piece(from: number, length: number): AxisPiece {
    const name = from * 65_536 + length
    const known = this.#pieces.get(name)
    if (known) return known
    const made = encodePiece(this, from, length)
    this.#pieces.set(name, made)
    return made
  }

  bytes(): number {
    return 200 + measureRun(this.steps) + measureRun(this.times) + (this.epochs ? measureRun(this.epochs) : 0)
  }

  #append(rows: Rows, block: symbol): void {
    const { length } = this
    const after = length + rows.steps.length
    this.steps = extendRun(this.steps, length, rows.steps)
    this.times = extendRun(this.times, length, rows.times)
    if (rows.epochs && !this.epochs && hasNumber(rows.epochs)) this.epochs = makeUnknown(length)
    if (this.epochs) this.epochs = extendRun(this.epochs, length, rows.epochs ?? makeUnknown(rows.steps.length))
    this.#newest = block
    this.#newestFrom = length
    this.length = after
  }

  #copy(from: number, until: number, block: symbol | undefined): Axis {
    const known = this.#copies.find((one) => one.from === from && one.until === until && one.block === block)
    const living = known?.axis.deref()
    if (living) return living
    const axis = new Axis()
    axis.steps = copyRun(this.steps, from, until)
    axis.times = copyRun(this.times, from, until)
    if (this.epochs) axis.epochs = copyRun(this.epochs, from, until)
    axis.length = until - from
    this.#copies = [...this.#copies.slice(-3), { from, until, block, axis: new WeakRef(axis) }]
    return axis
  }
}

function encodePiece(axis: Axis, from: number, length: number): AxisPiece {
  const until = from + length
  const epochs = axis.epochs ? viewRun(axis.epochs, from, until) : makeUnknown(length)
  return encodeAxisPiece([viewRun(axis.steps, from, until), viewRun(axis.times, from, until), epochs], length)
}

/** Steps, times and epochs as they go into a chunk. */
export function encodeAxisPiece(columns: readonly Float64Array[], length: number): AxisPiece {
  const start = scratch.begin().offset
  for (const column of columns) encodeColumn(scratch, column, 0, length)
  const bytes = scratch.take(start)
  const records = outlineAxis(columns, length)
  return { columns: bytes, records, outline: encodeAxisOutline(records) }
}

function extendRun(run: Run, used: number, more: ArrayLike<number>): Run {
  const grown = growRun(run, used, used + more.length)
  fillRun(grown, used, more)
  return grown
}

function hasNumber(column: ArrayLike<number>): boolean {
  for (let at = 0; at < column.length; at += 1) if (!Number.isNaN(column[at])) return true
  return false
}

function makeUnknown(length: number): Float64Array {
  return new Float64Array(length).fill(Number.NaN)
}
