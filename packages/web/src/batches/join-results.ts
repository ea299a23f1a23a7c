/** Results of several batches beside each other, by the custom_id of their requests. Pure. */
import type { ResultFilter } from './batches-search.ts'
import type { ResultLine } from './result-line.ts'

export type JoinedRow = {
  customId: string
  /** One of each source; undefined where it has none, or has not been read so far. */
  cells: readonly (ResultLine | undefined)[]
  isDifferent: boolean
  hasFailed: boolean
}
export type JoinedSource = {
  lines: readonly ResultLine[]
  /** All of it is read: what is missing then is not there. */
  isWhole: boolean
}

/** Rows in the order of the first source, then those that only later ones have. */
export function joinResults(sources: readonly JoinedSource[]): JoinedRow[] {
  const cells = new Map<string, (ResultLine | undefined)[]>()
  sources.forEach(({ lines }, at) => {
    for (const line of lines) {
      const row = cells.get(line.customId) ?? sources.map(() => undefined)
      row[at] ??= line
      cells.set(line.customId, row)
    }
  })
  return [...cells].map(([customId, row]) => ({
    customId,
    cells: row,
    isDifferent: areDifferent(row, sources),
    hasFailed: row.some((cell) => cell?.kind === 'failed'),
  }))
}

function areDifferent(row: readonly (ResultLine | undefined)[], sources: readonly JoinedSource[]): boolean {
  const [first, ...others] = row.filter((cell) => cell !== undefined)
  const isMissing = row.some((cell, at) => cell === undefined && sources[at]?.isWhole === true)
  return isMissing || others.some((other) => other.digest !== first?.digest)
}

/** Rows of that kind that have all words in their id or in one of their texts. */
export function filterRows(rows: readonly JoinedRow[], only: ResultFilter | undefined, text: string): JoinedRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => {
    if (only === 'different' && !row.isDifferent) return false
    if (only === 'failed' && !row.hasFailed) return false
    return words.length === 0 || [row.customId, ...row.cells.map((cell) => cell?.text ?? '')].some(hasAll(words))
  })
}

function hasAll(words: readonly string[]): (text: string) => boolean {
  return (text) => {
    const lower = text.toLowerCase()
    return words.every((word) => lower.includes(word))
  }
}
