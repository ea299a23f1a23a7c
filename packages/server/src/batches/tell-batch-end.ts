import { type BatchStatus, endedBatchStatuses } from '@pilothouse/contract'
import type { BatchEnd } from '../channels/batch-end.ts'
import { queueDeliveries } from '../channels/queue-deliveries.ts'
import { readRates } from '../rates/rate-setting.ts'
import type { StorageContext } from '../storage/operation.ts'
import { appendBatchLog } from './append-batch-log.ts'
import { type BatchRow, findRow } from './batch-rows.ts'

/**
 * Puts the end of a batch into the queue of the channel that its creator named, if one. Called by the operation that ends it, once:
 * with that it is told exactly when it has ended, and goes on being tried after a kill.
 */
export async function tellBatchEnd(context: StorageContext, id: string): Promise<void> {
  const { db } = context
  const row = await findRow(db, id)
  if (!row?.notify_channel_id) return
  const { currency } = (await readRates(db)).card
  const atMs = row.ended_ms ?? context.now()
  const message = { event: 'ended', alert: null, project: null, batch: describe(row, currency), at: atMs } as const
  const queued = await queueDeliveries(context, [row.notify_channel_id], message)
  if (queued.length > 0) return
  await appendBatchLog(db, {
    id,
    atMs,
    level: 'warning',
    message: 'Its end is not told: the channel is off, or gone.',
  })
}

function describe(row: BatchRow, currency: string): BatchEnd {
  return {
    id: row.id,
    name: row.name,
    owner: row.owner_name ?? '',
    model: row.model,
    status: readEnd(row.status),
    counts: { total: row.total, completed: row.completed, failed: row.failed },
    tokens: { input: row.input_tokens, output: row.output_tokens },
    cost: row.cost === null ? null : { amount: row.cost, currency },
    tookMs: Math.max(0, (row.ended_ms ?? row.created_ms) - row.created_ms),
  }
}

function readEnd(status: BatchStatus): BatchEnd['status'] {
  const end = endedBatchStatuses.find((one) => one === status)
  if (end) return end
  throw new Error(`A batch that is ${status} has not ended.`)
}
