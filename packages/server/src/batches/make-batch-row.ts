/** A new batch, and whether a call that is repeated asks for the same. Pure. */
import type { Selectable } from 'kysely'
import type { FileRow } from '../files/file-operations.ts'
import type { BatchTable } from '../storage/batch-tables.ts'
import type { BatchRow } from './batch-rows.ts'
import { readWindow } from './read-window.ts'

/** What somebody asks for. */
export type BatchOrder = {
  ownerId: number
  file: Pick<FileRow, 'id' | 'name'>
  endpoint: string
  /** Stands in every body instead of what it says; null: each body names the same one. */
  model: string | null
  completionWindow: string
  metadata: Record<string, string> | null
  filesLifeS: number | null
  /** Where its end is told; null: nowhere. */
  notifyChannelId: number | null
  priority: number
  isOrdered: boolean
  parentId: string | null
  idempotencyKey: string | null
}

/** Between two points of its history at first, ms. */
const pointEveryMs = 1_000

export type BatchIds = { id: string; outputFileId: string; errorFileId: string }

export function makeBatchRow(order: BatchOrder, ids: BatchIds, nowMs: number): Selectable<BatchTable> {
  return {
    id: ids.id,
    owner_id: order.ownerId,
    parent_id: order.parentId,
    idempotency_key: order.idempotencyKey,
    name: order.file.name,
    input_file_id: order.file.id,
    output_file_id: ids.outputFileId,
    error_file_id: ids.errorFileId,
    ...toColumns(order),
    status: 'validating',
    is_expiring: 0,
    faults: null,
    total: 0,
    completed: 0,
    failed: 0,
    input_tokens: 0,
    cached_tokens: 0,
    output_tokens: 0,
    reasoning_tokens: 0,
    letters: 0,
    cost: null,
    output_bytes: 0,
    error_bytes: 0,
    served_ms: 0,
    point_every_ms: pointEveryMs,
    created_ms: nowMs,
    expires_ms: nowMs + readWindow(order.completionWindow),
    in_progress_ms: null,
    finalizing_ms: null,
    cancelling_ms: null,
    ended_ms: null,
  }
}

/** Whether a batch is what the order asks for, its input apart. */
export function isSameOrder(row: BatchRow, order: BatchOrder): boolean {
  const { model, ...wanted } = toColumns(order)
  const isSameModel = wanted.is_model_replaced === 0 || row.model === model
  const {
    endpoint,
    is_model_replaced,
    is_ordered,
    priority,
    completion_window,
    metadata,
    files_life_s,
    notify_channel_id,
  } = row
  const had = {
    endpoint,
    is_model_replaced,
    is_ordered,
    priority,
    completion_window,
    metadata,
    files_life_s,
    notify_channel_id,
  }
  return isSameModel && Object.entries(wanted).every(([name, value]) => had[name as keyof typeof had] === value) // of one shape
}

/** What a call says of a batch. */
function toColumns(order: BatchOrder) {
  const pairs = order.metadata && Object.entries(order.metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    endpoint: order.endpoint,
    model: order.model,
    is_model_replaced: order.model === null ? 0 : 1,
    is_ordered: order.isOrdered ? 1 : 0,
    priority: order.priority,
    completion_window: order.completionWindow,
    metadata: pairs && JSON.stringify(Object.fromEntries(pairs)),
    files_life_s: order.filesLifeS,
    notify_channel_id: order.notifyChannelId,
  } as const
}
