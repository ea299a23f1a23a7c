/**
 * Strings in which Slurm says how many of what: GRES (`gpu:a100:4(S:0-1),shard:16`) and TRES (`cpu=8,gres/gpu:a100=4`).
 *
 *   entry   = prefix? name (":" type)? (":" | "=") count? parentheses?
 *   prefix  = "gres:" (to 23.02) | "gres/" (from 23.11)
 *
 * A type is any text that is no number: models (`a100`) and parts of them (`a100_3g.20gb`, MIG). Commas divide entries, but
 * not inside parentheses. What cannot be read is left out: a line of nonsense is no reason to show nothing.
 */

export type GresEntry = {
  /** `gpu`, `shard`, …; of a TRES also `cpu`, `mem`, `node`. */
  name: string
  type: string | null
  count: number
  /** What stands in parentheses, without them: `S:0-1`, `IDX:0-2`, `1/4,0/4`. */
  detail: string | null
}

const countMax = 1_000_000_000
const nothing = new Set(['', '(null)', 'N/A', 'none', '0'])
const factors: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** Entries of either kind of string. Never throws; counts are whole and not negative. */
export function parseGres(text: string): GresEntry[] {
  if (nothing.has(text.trim())) return []
  return splitOutsideParentheses(text).flatMap((entry) => parseEntry(entry) ?? [])
}

/** How many GPUs of each type; null is the type of those that have none. An untyped sum beside its parts is not added. */
export function countGpus(text: string): Map<string | null, number> {
  const counts = new Map<string | null, number>()
  let untyped = 0
  let isTyped = false
  for (const { name, type, count } of parseGres(text)) {
    if (name !== 'gpu') continue
    if (type === null) untyped += count
    else counts.set(type, (counts.get(type) ?? 0) + count)
    isTyped ||= type !== null
  }
  // Of a TRES, `gres/gpu` is the sum of all; in a GRES nobody mixes the two.
  const rest = untyped - (isTyped ? sum(counts.values()) : 0)
  if (rest > 0) counts.set(null, rest)
  return counts
}

/**
 * GPUs of which shards are given away: nobody can have these whole.
 * @param shards of one type: entry of what is used, as `shard:a100:2(IDX:0,3)`, or `(2/4,1/4)` with a pair for each GPU
 * @param perGpu shards of one GPU, for strings that say neither
 */
export function countSharedGpus({ count, detail }: GresEntry, perGpu: number): number {
  const [, indices] = /^IDX:([\d,-]+)$/.exec(detail ?? '') ?? []
  if (indices !== undefined) return countIndices(indices)
  const pairs = [...(detail ?? '').matchAll(/(\d+)\/\d+/g)]
  if (pairs.length > 0) return pairs.filter(([, given]) => Number(given) > 0).length
  return perGpu > 0 ? Math.ceil(count / perGpu) : 0
}

/** How many there are in `0-2,5`. */
function countIndices(text: string): number {
  return sum(
    text.split(',').map((range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number)
      return last >= first ? Math.min(last - first + 1, countMax) : 0
    }),
  )
}

export function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}

function parseEntry(text: string): GresEntry | null {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  const detail = open >= 0 && close > open ? text.slice(open + 1, close) : null
  const plain = (open < 0 ? text : text.slice(0, open)).trim().replace(/^gres[:/]/, '')
  const words = plain.split(/[:=]/).filter((word) => word !== 'no_consume')
  const last = words.length > 1 ? parseCount(words.at(-1) ?? '') : null
  const [name = '', ...types] = last === null ? words : words.slice(0, -1)
  if (!/^[\w.-]+$/.test(name)) return null
  // `gpu` and `gpu:a100` ask for one.
  return { name, type: types.join(':') || null, count: last ?? 1, detail }
}

function parseCount(word: string): number | null {
  const [, digits, unit] = /^(\d+)(?:\.\d+)?([kmg]?)$/i.exec(word) ?? []
  if (digits === undefined) return null
  return Math.min(Number(digits) * (factors[unit?.toLowerCase() ?? ''] ?? 1), countMax)
}

export function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]
    if (letter === '(' || letter === '[') depth += 1
    else if (letter === ')' || letter === ']') depth = Math.max(0, depth - 1)
    else if (letter === ',' && depth === 0) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...parts, text.slice(from)].filter((part) => part !== '')
}
