import { Worker } from 'node:worker_threads'
import { PilothouseError } from '@pilothouse/contract'
import { findThread } from '../find-thread.ts'
import type { CopyAnswers, CopyTask, FromCopyThread } from './copy-task.ts'

/** Raised when files could not be read or written. `code`: of the operating system, as `ENOENT`; null for another fault. */
export class CopyTaskError extends Error {
  readonly code: string | null

  constructor(message: string, code: string | null) {
    super(message)
    this.code = code
  }
}

export type CopyTaskOptions = { signal?: AbortSignal; onProgress?: (bytes: number) => void }

/**
 * Does it in a thread of its own, so that nothing else waits for gigabytes.
 * @throws CopyTaskError; PilothouseError `unavailable` when `signal` is aborted.
 */
export async function runCopyTask<Task extends CopyTask>(
  task: Task,
  { signal, onProgress }: CopyTaskOptions = {},
): Promise<CopyAnswers[Task['kind']]> {
  if (signal?.aborted === true) throw brokenOff()
  const worker = new Worker(findThread('copies/copy-thread'), { workerData: task })
  const value = await new Promise<unknown>((resolve, reject) => {
    const giveUp = (): void => {
      reject(brokenOff())
      void worker.terminate()
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    worker.on('message', (message: FromCopyThread) => {
      if (message.type === 'progress') onProgress?.(message.bytes)
      else if (message.type === 'answer') resolve(message.value)
      else reject(new CopyTaskError(message.message, message.code))
    })
    worker.on('error', (cause: unknown) => reject(new CopyTaskError(String(cause), null)))
    worker.on('exit', () => {
      signal?.removeEventListener('abort', giveUp)
      reject(new CopyTaskError('The thread that read it ended early.', null))
    })
  })
  return value as CopyAnswers[Task['kind']] // the thread answers the very task that it was given
}

function brokenOff(): PilothouseError {
  return new PilothouseError('unavailable', 'It was broken off: the server stops.')
}
