import type { ClusterStatus, GpuAvailability, GpuCounts, StartQuery, TimedStart } from '@pilothouse/contract'
import {
  describeDemand,
  describeLater,
  describeNow,
  describeObstacle,
  describeReason,
  formatDuration,
  formatRelativeTime,
  sanitizeForTerminal,
  summariseStart,
} from '@pilothouse/signals'
import type { Paint, PaintStyle } from './paint.ts'
import { type Cell, type Column, viewTable } from './table.ts'

export const gpuGroupings = ['type', 'partition', 'node'] as const
export type GpuGrouping = (typeof gpuGroupings)[number]
type View = { paint: Paint; width: number; now: number }
type Row = { counts: GpuCounts; before: Cell[]; after: Cell[] }
type Table = { before: Column[]; after: Column[]; rows: Row[] }

/** A sign beside the word, so that nothing depends on colour. */
const signs: Record<ClusterStatus['state'], { sign: string; style: PaintStyle }> = {
  known: { sign: '●', style: 'green' },
  unknown: { sign: '!', style: 'yellow' },
  unread: { sign: '◌', style: 'dim' },
}

/** How it stands with a cluster, and since when nobody knows more. */
export function viewClusterStatus(status: ClusterStatus, { paint, now }: Pick<View, 'paint' | 'now'>): string[] {
  const { sign, style } = signs[status.state]
  const head = `${paint(style, sign)} ${paint('bold', sanitizeForTerminal(status.name))}`
  const notices = status.notices.map((notice) => `  ${paint('yellow', '!')} ${sanitizeForTerminal(notice)}`)
  return [`${head}  ${paint('dim', describeAge(status, now))}`, ...viewTrouble(status), ...notices]
}

function describeAge({ readAt, unknownSince }: ClusterStatus, now: number): string {
  const age = readAt === null ? '' : `as of ${formatRelativeTime(readAt, now)}`
  if (unknownSince === null) return age === '' ? 'not asked yet' : age
  const since = `unknown since ${new Date(unknownSince).toLocaleTimeString('en-GB')}`
  return age === '' ? since : `${since}, what follows is ${age}`
}

function viewTrouble({ trouble }: ClusterStatus): string[] {
  return trouble === null ? [] : [trouble.message, trouble.hint].map((text) => `  ${sanitizeForTerminal(text)}`)
}

/** GPUs of a cluster as a table. */
export function viewGpus(availability: GpuAvailability, by: GpuGrouping, { paint, width, now }: View): string[] {
  const { before, after, rows } = tabulate(availability, by, { paint, now })
  if (rows.length === 0) return ['  No GPUs that you can use.']
  const counts = countColumns.filter(({ key, always }) => always || rows.some((row) => row.counts[key] > 0))
  const columns = [...before, ...counts.map(({ title }): Column => ({ title, align: 'right' })), ...after]
  const cells = rows.map((row) => [
    ...row.before,
    ...counts.map(({ key }) => viewCount(row.counts, key, paint)),
    ...row.after,
  ])
  const [head = '', ...lines] = viewTable(columns, cells, width - 2)
  return [paint('dim', head), ...lines].map((line) => `  ${line}`)
}

const countColumns: readonly { key: keyof GpuCounts; title: string; always: boolean }[] = [
  { key: 'total', title: 'TOTAL', always: true },
  { key: 'free', title: 'FREE', always: true },
  { key: 'used', title: 'USED', always: true },
  { key: 'held', title: 'HELD', always: false },
  { key: 'stranded', title: 'STRANDED', always: false },
  { key: 'asleep', title: 'ASLEEP', always: false },
  { key: 'broken', title: 'BROKEN', always: false },
]

function viewCount(counts: GpuCounts, key: keyof GpuCounts, paint: Paint): Cell {
  const text = String(counts[key])
  if (key === 'free' && counts.free > 0) return { text, paint: (word) => paint('green', word) }
  return counts[key] === 0 ? { text, paint: (word) => paint('dim', word) } : { text }
}

function tabulate(
  { types, partitions, nodes }: GpuAvailability,
  by: GpuGrouping,
  { paint, now }: Pick<View, 'paint' | 'now'>,
): Table {
  switch (by) {
    case 'type':
      return {
        before: [{ title: 'TYPE' }],
        after: [
          { title: 'ON ONE NODE', align: 'right' },
          { title: 'WAITING', elastic: true },
        ],
        rows: types.map((counts) => ({
          counts,
          before: [viewType(counts.type)],
          after: [{ text: String(counts.freeOnOneNode) }, { text: describeDemand(counts.waiting) || '–' }],
        })),
      }
    case 'partition':
      return {
        before: [{ title: 'PARTITION' }, { title: 'TYPE' }],
        after: [{ title: 'LONGEST', align: 'right' }, { title: 'STATE' }, { title: 'WAITING', elastic: true }],
        rows: partitions.flatMap(({ name, isDefault, gpus, maxTimeSeconds, state }) =>
          gpus.map((counts) => ({
            counts,
            before: [{ text: `${sanitizeForTerminal(name)}${isDefault ? ' (default)' : ''}` }, viewType(counts.type)],
            after: [
              { text: maxTimeSeconds === null ? 'no limit' : formatDuration(maxTimeSeconds * 1000) },
              { text: state, ...(state === 'UP' ? {} : { paint: (word: string) => paint('yellow', word) }) },
              { text: describeDemand(counts.waiting) || '–' },
            ],
          })),
        ),
      }
    case 'node':
      return {
        before: [{ title: 'NODE' }, { title: 'TYPE' }],
        after: [{ title: 'STATE' }, { title: 'WHY', elastic: true }],
        rows: nodes.flatMap(({ name, gpus, state, reason, canStart }) =>
          gpus.map((counts) => ({
            counts,
            before: [{ text: sanitizeForTerminal(name) }, viewType(counts.type)],
            after: [
              { text: state, ...(canStart ? {} : { paint: (word: string) => paint('yellow', word) }) },
              { text: sanitizeForTerminal(describeReason(reason ?? '', now)) },
            ],
          })),
        ),
      }
    default:
      return by satisfies never
  }
}

function viewType(type: string | null): Cell {
  return { text: type === null ? 'GPU' : sanitizeForTerminal(type) }
}

/** Where a wish could start now, where it would wait, and where it never starts. */
export function viewStart(start: TimedStart, wish: StartQuery, { paint, now }: Pick<View, 'paint' | 'now'>): string[] {
  const { verdict, words } = summariseStart(start, wish)
  const style = { now: 'green', later: 'yellow', never: 'red' } as const
  const line = (sign: string, partition: string, text: string): string =>
    sanitizeForTerminal(`    ${sign} ${partition}: ${text}`)
  return [
    `  ${paint(style[verdict], sanitizeForTerminal(words))}`,
    ...start.now.map((place) => line('✓', place.partition, describeNow(place))),
    ...start.later.map((place) => line('◔', place.partition, describeLater(place, now))),
    ...start.never.map(({ partition, obstacles }) => line('✗', partition, obstacles.map(describeObstacle).join(' '))),
  ]
}
