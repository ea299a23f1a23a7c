import type { SampleScalar, TableBody } from '@pilothouse/contract'

export type TableSort = { column: number; descending: boolean }

/**
 * Places of the rows to show, in order: those that hold all words, sorted by a column. Numbers sort as numbers, before
 * words; empty cells come last either way; rows that are equal keep their order.
 */
export function arrangeRows({ rows }: TableBody, words: string, sort: TableSort | null): number[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const places = rows.flatMap((row, at) => (holdsAll(row, wanted) ? [at] : []))
  if (!sort) return places
  const cellOf = (at: number): SampleScalar => rows[at]?.[sort.column] ?? null
  return places.sort((a, b) => compareCells(cellOf(a), cellOf(b), sort.descending) || a - b)
}

function holdsAll(row: readonly SampleScalar[], words: readonly string[]): boolean {
  if (words.length === 0) return true
  const text = row.map(String).join(' ').toLowerCase()
  return words.every((word) => text.includes(word))
}

function compareCells(a: SampleScalar, b: SampleScalar, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  const order = compareFilled(a, b)
  return descending ? -order : order
}

function compareFilled(a: string | number | boolean, b: string | number | boolean): number {
  const [left, right] = [toNumber(a), toNumber(b)]
  if (left !== null && right !== null) return left - right
  if (left !== null || right !== null) return left !== null ? -1 : 1
  return String(a).localeCompare(String(b), 'en', { numeric: true })
}

/** Numbers, and the words for those that JSON lacks; NaN stands below all. */
function toNumber(cell: string | number | boolean): number | null {
  if (typeof cell === 'number') return cell
  if (cell === 'Infinity') return Number.POSITIVE_INFINITY
  return cell === '-Infinity' || cell === 'NaN' ? Number.NEGATIVE_INFINITY : null
}

/** True when every filled cell of a column is a number: those stand at the right. */
export function isNumeric({ rows }: TableBody, column: number): boolean {
  const cells = rows.slice(0, lookRows).map((row) => row[column] ?? null)
  return cells.some((cell) => cell !== null) && cells.every((cell) => cell === null || typeof cell === 'number')
}

/** Rows that are looked at to choose widths. */
const lookRows = 100
/** Width of a character of the cells, and the least and the most of a column, px. */
const [characterPx, widthMin, widthMax] = [7.2, 72, 360]

/** Width of each column for what stands in its first rows, px. */
export function chooseWidths(body: TableBody): number[] {
  return body.columns.map((name, column) => {
    const longest = body.rows
      .slice(0, lookRows)
      .reduce((most, row) => Math.max(most, String(row[column] ?? '').length), name.length + 2)
    return Math.round(Math.min(widthMax, Math.max(widthMin, longest * characterPx + 24)))
  })
}
