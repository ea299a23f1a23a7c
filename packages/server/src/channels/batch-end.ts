/** The end of a batch as it is told, kept with the delivery as it was then; and its words for people. */
import { type AlertLevel, endedBatchStatuses } from '@pilothouse/contract'
import { formatCount, formatDuration, formatMoney } from '@pilothouse/signals'
import { z } from 'zod'

const count = z.int()

export const batchEnd = z.object({
  id: z.string(),
  /** Of its input. */
  name: z.string(),
  owner: z.string(),
  model: z.string().nullable(),
  status: z.enum(endedBatchStatuses),
  counts: z.object({ total: count, completed: count, failed: count }),
  tokens: z.object({ input: count, output: count }),
  /** null: nothing had a price. */
  cost: z.object({ amount: z.number(), currency: z.string() }).nullable(),
  /** From its creation to its end. */
  tookMs: z.number(),
})
export type BatchEnd = z.infer<typeof batchEnd>

export type BatchWords = { level: AlertLevel; title: string; text: string; context: string }

export function describeBatchEnd(batch: BatchEnd): BatchWords {
  const { name, status, model, owner } = batch
  return {
    level: levelOf(batch),
    title: `Batch «${name}» ${verbs[status]}`,
    text: status === 'failed' ? 'Its input has faults: nothing was sent.' : describeCounts(batch),
    context: [model, owner].filter(Boolean).join(' · '),
  }
}

const verbs = { completed: 'has completed', failed: 'has failed', expired: 'has expired', cancelled: 'was cancelled' }

function levelOf({ status, counts }: BatchEnd): AlertLevel {
  switch (status) {
    case 'completed':
      return counts.failed === 0 ? 'info' : 'warning'
    case 'cancelled':
      return 'warning'
    case 'failed':
    case 'expired':
      return 'error'
  }
}

function describeCounts({ counts: { total, completed, failed }, tokens, cost, tookMs }: BatchEnd): string {
  const price = cost === null ? '' : `, ${formatMoney(cost.amount, cost.currency)}`
  return [
    `${formatCount(completed)} of ${formatCount(total)} requests answered, ${formatCount(failed)} without an answer.`,
    `${formatDuration(tookMs)}, ${formatCount(tokens.input)} tokens in and ${formatCount(tokens.output)} out${price}.`,
  ].join('\n')
}
