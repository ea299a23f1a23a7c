import { Worker } from 'node:worker_threads'
import { findThread } from '../find-thread.ts'
import { TensorFileError } from './tensor-file-error.ts'
import type { FromTensorThread, TensorAnswers, TensorTask } from './tensor-task.ts'

/**
 * What a file makes its thread hold in objects. The slices that it reads lie outside of it and are bounded by
 * themselves.
 */
const maxOldGenerationSizeMb = 1_536

export type TensorTaskOptions = {
  /** Ends the thread at once. */
  signal?: AbortSignal | undefined
  /** Told a few times a second, and at the end. */
  onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
}

/**
 * Looks into checkpoint files in a thread of its own, which ends with the task: neither the server's thread nor the
 * storage thread waits for gigabytes, and a file made to exhaust memory takes down no more than its own thread.
 * @throws TensorFileError and nothing else.
 */
export async function runTensorTask<Task extends TensorTask>(
  task: Task,
  { signal, onProgress }: TensorTaskOptions = {},
): Promise<TensorAnswers[Task['kind']]> {
  if (signal?.aborted === true) throw cancelled()
  const worker = new Worker(findThread('tensors/tensor-thread'), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb },
  })
  const value = await new Promise<unknown>((resolve, reject) => {
    const giveUp = (): void => {
      reject(cancelled())
      void worker.terminate()
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    worker.on('message', (message: FromTensorThread) => {
      if (message.type === 'progress') onProgress?.(message.bytesDone, message.bytesTotal)
      else if (message.type === 'answer') resolve(message.value)
      else reject(new TensorFileError(message.error.kind, message.error.message))
    })
    worker.on('error', (cause: unknown) => reject(explainDeath(cause)))
    worker.on('exit', () => {
      signal?.removeEventListener('abort', giveUp)
      reject(new TensorFileError('failed', 'The thread that looked into it ended early.'))
    })
  })
  return value as TensorAnswers[Task['kind']] // the thread answers the very task that it was given
}

function cancelled(): TensorFileError {
  return new TensorFileError('cancelled', 'It was broken off.')
}

function explainDeath(cause: unknown): TensorFileError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new TensorFileError('tooLarge', 'It describes more than the memory that is kept for it.', { cause })
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TensorFileError('failed', `Looking into it failed unexpectedly: ${why}`, { cause })
}
