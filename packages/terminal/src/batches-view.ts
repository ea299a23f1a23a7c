import type { BatchCard, BatchList, BatchUsage } from '@pilothouse/contract'
import { batchGroups } from '@pilothouse/contract/wire'
import {
  formatCount,
  formatDuration,
  formatMoney,
  formatRate,
  formatRelativeTime,
  sanitizeForTerminal,
} from '@pilothouse/signals'
import { readPercent, statusCell } from './batch-style.ts'
import type { Paint } from './paint.ts'
import { type Cell, type Column, viewTable } from './table.ts'

type View = { paint: Paint; width: number; now: number }

const columns: readonly Column[] = [
  { title: 'BATCH' },
  { title: 'STATUS' },
  { title: 'DONE', align: 'right' },
  { title: 'OF', align: 'right' },
  { title: 'FAILED', align: 'right' },
  { title: 'SPEED', align: 'right' },
  { title: 'LEFT', align: 'right' },
  { title: 'MODEL' },
  { title: 'INPUT', elastic: true },
  { title: 'MADE', align: 'right' },
]

/** Batches as a table, then what holds some of them up, and how many there are. */
export function viewBatches({ batches, hasMore, groupCounts }: BatchList, { paint, width, now }: View): string[] {
  const counts = batchGroups.map((group) => `${formatCount(groupCounts[group])} ${group}`).join(', ')
  if (batches.length === 0) return [`No batch here: ${counts}. «pilothouse batch submit FILE» makes one.`]
  const rows = batches.map((batch) => readRow(batch, paint, now))
  const [head = '', ...lines] = viewTable(columns, rows, width)
  const troubles = batches.flatMap(({ id, trouble }) => (trouble === null ? [] : [`${id}: ${trouble}`]))
  return [
    paint('dim', head),
    ...lines,
    ...troubles.map((trouble) => paint('yellow', sanitizeForTerminal(trouble))),
    paint('dim', `${counts}${hasMore ? '; --limit shows more' : ''}`),
  ]
}

function readRow(batch: BatchCard, paint: Paint, now: number): Cell[] {
  const { id, status, counts, requestsPerSecond, eta, model, name, createdAt } = batch
  const isKnown = counts.total > 0
  const cells = [
    isKnown ? `${readPercent(counts)} %` : '–',
    isKnown ? formatCount(counts.total) : '–',
    counts.failed === 0 ? '' : formatCount(counts.failed),
    requestsPerSecond === null ? '–' : formatRate(requestsPerSecond, 'request'),
    eta === null ? '–' : formatDuration(eta.leftMs),
    model ?? '–',
    name,
    formatRelativeTime(createdAt, now),
  ].map((text) => ({ text: sanitizeForTerminal(text) }))
  return [{ text: sanitizeForTerminal(id) }, statusCell(status, paint), ...cells]
}

const usageColumns: readonly Column[] = [
  { title: 'MEMBER' },
  { title: 'MODEL', elastic: true },
  { title: 'BATCHES', align: 'right' },
  { title: 'REQUESTS', align: 'right' },
  { title: 'FAILED', align: 'right' },
  { title: 'TOKENS IN', align: 'right' },
  { title: 'CACHED', align: 'right' },
  { title: 'TOKENS OUT', align: 'right' },
  { title: 'COST', align: 'right' },
]

/** Who asked which models for how much. */
export function viewBatchUsage({ rows, currency }: BatchUsage, { paint, width }: Omit<View, 'now'>): string[] {
  if (rows.length === 0) return ['No batch within this time.']
  const cells = rows.map(({ member, model, cost, ...row }) =>
    [
      member.name,
      model ?? '–',
      ...[row.batches, row.total, row.failed, row.inputTokens, row.cachedTokens, row.outputTokens].map(formatCount),
      cost === null ? '–' : formatMoney(cost, currency),
    ].map((text) => ({ text: sanitizeForTerminal(text) })),
  )
  const [head = '', ...lines] = viewTable(usageColumns, cells, width)
  return [paint('dim', head), ...lines]
}
