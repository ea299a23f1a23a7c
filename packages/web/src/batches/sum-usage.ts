/** What members asked of models, added up. Pure. */
import type { BatchUsage } from '@pilothouse/contract'
import type { UsageFrame } from '../usage/usage-frame.ts'

type Row = BatchUsage['rows'][number]
export type UsageSum = Omit<Row, 'member' | 'model'>

/** Of all rows. Its cost is that of those that have one; null where none has. */
export function sumUsage(rows: readonly Row[]): UsageSum {
  const sum = (read: (row: Row) => number): number => rows.reduce((all, row) => all + read(row), 0)
  return {
    batches: sum(({ batches }) => batches),
    total: sum(({ total }) => total),
    completed: sum(({ completed }) => completed),
    failed: sum(({ failed }) => failed),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    cachedTokens: sum(({ cachedTokens }) => cachedTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    reasoningTokens: sum(({ reasoningTokens }) => reasoningTokens),
    cost: rows.every(({ cost }) => cost === null) ? null : sum(({ cost }) => cost ?? 0),
  }
}

/** Where a frame begins, by the days of whoever looks; undefined: with the first batch. */
export function beginOf(frame: UsageFrame, now: Date): number | undefined {
  if (frame === 'all') return undefined
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1 - Number(frame)).getTime()
}
