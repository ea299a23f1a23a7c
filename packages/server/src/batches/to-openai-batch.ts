import { type BatchDetail, type OpenAiBatch, isEndedBatch } from '@pilothouse/contract'
import type { BatchRow } from './batch-rows.ts'

/** A batch as OpenAI's clients know it: times in seconds, absent ones null. */
export function toOpenAiBatch(row: BatchRow): OpenAiBatch {
  return {
    id: row.id,
    object: 'batch',
    endpoint: row.endpoint,
    model: row.model,
    errors: readErrors(row),
    input_file_id: row.input_file_id,
    completion_window: row.completion_window,
    status: row.status,
    ...readFiles(row),
    ...readTimes(row),
    request_counts: { total: row.total, completed: row.completed, failed: row.failed },
    usage: {
      input_tokens: row.input_tokens,
      input_tokens_details: { cached_tokens: row.cached_tokens },
      output_tokens: row.output_tokens,
      output_tokens_details: { reasoning_tokens: row.reasoning_tokens },
      total_tokens: row.input_tokens + row.output_tokens,
    },
    metadata: readMetadata(row),
  }
}

/** Its result files, once they are there: nothing stands in a file that there is not. */
export function nameResultFiles(row: BatchRow): { output: string | null; error: string | null } {
  const isOver = isEndedBatch(row.status)
  return {
    output: isOver && row.output_bytes > 0 ? row.output_file_id : null,
    error: isOver && row.error_bytes > 0 ? row.error_file_id : null,
  }
}

export function readFaults({ faults }: Pick<BatchRow, 'faults'>): BatchDetail['faults'] {
  return faults === null ? null : (JSON.parse(faults) as BatchDetail['faults']) // written by `Batches`
}

export function readMetadata({ metadata }: Pick<BatchRow, 'metadata'>): Record<string, string> | null {
  return metadata === null ? null : (JSON.parse(metadata) as Record<string, string>) // written by `makeBatchRow`
}

function readErrors(row: BatchRow): OpenAiBatch['errors'] {
  const faults = readFaults(row)
  return faults === null ? null : { object: 'list', data: faults.shown }
}

function readFiles(row: BatchRow): Pick<OpenAiBatch, 'output_file_id' | 'error_file_id'> {
  const { output, error } = nameResultFiles(row)
  return { output_file_id: output, error_file_id: error }
}

function readTimes(row: BatchRow) {
  const endOf = (status: BatchRow['status']): number | null => (row.status === status ? toSeconds(row.ended_ms) : null)
  return {
    created_at: Math.floor(row.created_ms / 1000),
    in_progress_at: toSeconds(row.in_progress_ms),
    expires_at: toSeconds(row.expires_ms),
    finalizing_at: toSeconds(row.finalizing_ms),
    completed_at: endOf('completed'),
    failed_at: endOf('failed'),
    expired_at: endOf('expired'),
    cancelling_at: toSeconds(row.cancelling_ms),
    cancelled_at: endOf('cancelled'),
  }
}

function toSeconds(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms / 1000)
}
