/** What can be asked of the tensor thread, and what it says. */
import type { CheckpointComparison, CheckpointSummary, CheckpointVerification } from '@pilothouse/contract'
import { compareCheckpoints } from './compare-checkpoints.ts'
import { summariseCheckpoint } from './summarise-checkpoint.ts'
import { type TensorFaultKind, TensorFileError } from './tensor-file-error.ts'
import { type Promised, verifyCheckpoint } from './verify-checkpoint.ts'
import type { Watch } from './watch.ts'

export type TensorTask =
  | { kind: 'summarise'; path: string }
  | { kind: 'compare'; a: string; b: string }
  | ({ kind: 'verify'; path: string } & Promised)

export type TensorAnswers = {
  summarise: CheckpointSummary
  compare: CheckpointComparison
  verify: CheckpointVerification
}

export type FromTensorThread =
  | { type: 'progress'; bytesDone: number; bytesTotal: number }
  | { type: 'answer'; value: TensorAnswers[keyof TensorAnswers] }
  | { type: 'refused'; error: { kind: TensorFaultKind; message: string } }

/**
 * Does one task, in this thread.
 * @throws TensorFileError and nothing else.
 */
export async function doTensorTask(task: TensorTask, watch: Watch): Promise<TensorAnswers[keyof TensorAnswers]> {
  try {
    switch (task.kind) {
      case 'summarise':
        return await summariseCheckpoint(task.path, watch)
      case 'compare':
        return await compareCheckpoints({ a: task.a, b: task.b }, watch)
      case 'verify':
        return await verifyCheckpoint(task.path, task, watch)
      default:
        return task satisfies never
    }
  } catch (cause) {
    if (cause instanceof TensorFileError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TensorFileError('failed', `Looking into it failed unexpectedly: ${why}`, { cause })
  }
}
