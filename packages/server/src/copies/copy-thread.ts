/** Entry of the copy thread: it does the one task that it is started with. */
import { parentPort, workerData } from 'node:worker_threads'
import { type CopyTask, doCopyTask, type FromCopyThread } from './copy-task.ts'

/** Progress is told at most so often. */
const tellEveryMs = 200

const port = parentPort
if (!port) throw new Error('copy-thread runs as a worker thread only.')
const post = (message: FromCopyThread): void => port.postMessage(message)

let toldAt = -Infinity
const progress = (bytes: number): void => {
  if (performance.now() - toldAt < tellEveryMs) return
  toldAt = performance.now()
  post({ type: 'progress', bytes })
}

try {
  post({ type: 'answer', value: await doCopyTask(workerData as CopyTask, progress) }) // given by run-copy-task.ts
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null
  post({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) })
}
