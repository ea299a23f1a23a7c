/** Entry of the tensor thread: it does the one task that it is started with. */
import { parentPort, workerData } from 'node:worker_threads'
import { TensorFileError } from './tensor-file-error.ts'
import { doTensorTask, type FromTensorThread, type TensorTask } from './tensor-task.ts'

/** Progress is told at most so often. */
const tellEveryMs = 50

const port = parentPort
if (!port) throw new Error('tensor-thread runs as a worker thread only.')
const post = (message: FromTensorThread): void => port.postMessage(message)
const clock = (): number => performance.now()

let toldAt = -Infinity
const progress = (bytesDone: number, bytesTotal: number): void => {
  if (clock() - toldAt < tellEveryMs && bytesDone < bytesTotal) return
  toldAt = clock()
  post({ type: 'progress', bytesDone, bytesTotal })
}

try {
  // Whoever gives up ends the thread; nothing here needs to be told.
  const { signal } = new AbortController()
  const value = await doTensorTask(workerData as TensorTask, { clock, signal, progress }) // given by run-tensor-task.ts
  post({ type: 'answer', value })
} catch (error) {
  if (!(error instanceof TensorFileError)) throw error
  post({ type: 'refused', error: { kind: error.kind, message: error.message } })
}
