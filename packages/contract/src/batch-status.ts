/** States of a batch, as OpenAI's Batch API names them. */

/**
 *   validating ──▶ failed                            (its input has faults)
 *       └──▶ in_progress ──▶ finalizing ──▶ completed
 *                │  └──▶ expired                     (its time is over: what was done is kept)
 *                └──▶ cancelling ──▶ cancelled       (what was done is kept)
 */
export const batchStatuses = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const
export type BatchStatus = (typeof batchStatuses)[number]

/** From then on nothing of it changes. */
export const endedBatchStatuses = ['failed', 'completed', 'expired', 'cancelled'] as const satisfies BatchStatus[]

export function isEndedBatch(status: BatchStatus): boolean {
  return endedBatchStatuses.some((one) => one === status)
}

/** Lists of the page: what goes on, what has come to its end with an output, what has not. */
export const batchGroups = ['active', 'completed', 'failed'] as const
export type BatchGroup = (typeof batchGroups)[number]

/** The batches of a list; those that were cancelled or expired stand with the failed ones. */
export const statusesOfGroup = {
  active: ['validating', 'in_progress', 'finalizing', 'cancelling'],
  completed: ['completed'],
  failed: ['failed', 'expired', 'cancelled'],
} as const satisfies Record<BatchGroup, readonly BatchStatus[]>

/** Why a request of a batch has no answer: the codes of error files. */
export const requestFailureCodes = [
  /** The engine refused it: status 4xx that no repetition helps. */
  'refused',
  /** The engine failed at it, as often as it was tried. */
  'engine_error',
  /** It took longer than a request may. */
  'timeout',
  /** The connection broke, or none came about. */
  'connection',
  /** What came is no answer to it: broken JSON, another shape, a stream that ended early. */
  'bad_answer',
] as const
export type RequestFailureCode = (typeof requestFailureCodes)[number]
