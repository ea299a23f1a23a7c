/** Entry of the thread that checks the input of a batch: it does the one task that it is started with. */
import { parentPort, workerData } from 'node:worker_threads'
import { type CheckTask, checkInput } from './check-input.ts'

const port = parentPort
if (!port) throw new Error('check-thread runs as a worker thread only.')
port.postMessage(await checkInput(workerData as CheckTask)) // given by run-check.ts
