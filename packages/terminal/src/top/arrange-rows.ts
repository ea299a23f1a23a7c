/** Which rows are shown, in which order, under which heads. */
import { matchesPattern } from '@pilothouse/signals'
import type { Grouping, ScreenState, SortKey, TopGroup } from './screen-state.ts'
import type { TopRow } from './top-state.ts'

/** A head stands above its rows; without grouping there is none. */
export type Entry = { type: 'head'; name: string; rows: readonly TopRow[] } | { type: 'row'; row: TopRow }

const healthRank = { error: 0, warning: 1, neutral: 2, good: 3 } as const

/** Rows that the filter leaves, sorted, without heads. */
export function chooseRows({ rows, filter, sort }: ScreenState): readonly TopRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const found = (rows ?? []).filter((row) => matchesWords(row, words))
  const sorted = sort.key === 'source' ? found : found.toSorted((a, b) => compareRows(a, b, sort.key))
  return sort.reverse ? sorted.toReversed() : sorted
}

/** What the table lists, from top to bottom. */
export function arrangeRows(state: ScreenState): readonly Entry[] {
  const rows = chooseRows(state)
  if (state.grouping === 'none') return rows.map((row) => ({ type: 'row', row }))
  const groups = Map.groupBy(rows, (row) => nameGroup(row, state.grouping, state.options.groups))
  const names = [...groups.keys()].toSorted((a, b) => compareTexts(a, b))
  return names.flatMap((name): Entry[] => {
    const members = groups.get(name) ?? []
    return [{ type: 'head', name, rows: members }, ...members.map((row): Entry => ({ type: 'row', row }))]
  })
}

function matchesWords(row: TopRow, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const text = [row.id, row.name, row.group, row.owner, row.target, row.gpuName, row.state, row.health.word]
    .join(' ')
    .toLowerCase()
  return words.every((word) => text.includes(word))
}

function nameGroup(row: TopRow, grouping: Grouping, groups: readonly TopGroup[]): string {
  switch (grouping) {
    case 'none':
    case 'group':
      return row.group
    case 'target':
      return row.target ?? 'no target'
    case 'owner':
      return row.owner ?? 'no owner'
    case 'configured':
      return groups.find(({ match }) => isMember(row, match))?.name ?? 'others'
    default:
      return grouping satisfies never
  }
}

function isMember(row: TopRow, patterns: readonly string[]): boolean {
  const texts = [row.name, row.id, row.shortId, row.group, row.target ?? '']
  return patterns.some((pattern) => texts.some((text) => matchesPattern(pattern, text)))
}

/** What nobody said stands last. Numbers that matter when they are large stand first. */
function compareRows(a: TopRow, b: TopRow, key: SortKey): number {
  const [left, right] = [readKey(a, key), readKey(b, key)]
  if (left === null || right === null) return Number(left === null) - Number(right === null)
  if (typeof left === 'string' || typeof right === 'string') return compareTexts(String(left), String(right))
  return left - right
}

function readKey(row: TopRow, key: SortKey): string | number | null {
  switch (key) {
    case 'source':
      return null
    case 'id':
      return row.shortId
    case 'name':
      return row.name
    case 'status':
      return row.state
    case 'progress':
      return negate(row.progress)
    case 'gpu':
      return negate(row.gpuUse)
    case 'memory':
      return negate(row.memoryUse)
    case 'loss':
      return row.loss
    case 'rate':
      return negate(row.perHour)
    case 'cost':
      return negate(row.cost)
    case 'eta':
      return row.etaMs
    case 'health':
      return healthRank[row.health.level]
    default:
      return key satisfies never
  }
}

/** Whether the largest stands first. */
export function sortsDown(key: SortKey): boolean {
  return largestFirst.has(key)
}

const largestFirst: ReadonlySet<SortKey> = new Set(['progress', 'gpu', 'memory', 'rate', 'cost'])

function negate(value: number | null): number | null {
  return value === null ? null : -value
}

/** By code units: words of a locale would load its tables. Numbers within are compared as numbers where both begin with one. */
function compareTexts(a: string, b: string): number {
  const [left, right] = [Number.parseInt(a, 10), Number.parseInt(b, 10)]
  if (left !== right && !Number.isNaN(left) && !Number.isNaN(right)) return left - right
  return a < b ? -1 : Number(a > b)
}
