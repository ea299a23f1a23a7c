import { Worker } from 'node:worker_threads'
import { findThread } from '../find-thread.ts'
import type { CheckResult, CheckTask } from './check-input.ts'

/** What is held of a million requests lies outside of it. */
const maxOldGenerationSizeMb = 1_024

/**
 * Checks the input of a batch in a thread of its own: a file of hundreds of megabytes holds nobody up, and one that is made to
 * exhaust memory takes down no more than its own thread.
 * @throws the reason of `signal`; what the file system, or the end of the thread, throws.
 */
export async function runCheck(task: CheckTask, signal: AbortSignal): Promise<CheckResult> {
  signal.throwIfAborted()
  const worker = new Worker(findThread('batches/check-thread'), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb },
  })
  const { promise, resolve, reject } = Promise.withResolvers<CheckResult>()
  const giveUp = (): void => reject(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  worker.on('message', resolve)
  worker.on('error', reject)
  worker.on('exit', () => reject(new Error('The thread that checked the input ended early.')))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', giveUp)
    await worker.terminate()
  }
}
