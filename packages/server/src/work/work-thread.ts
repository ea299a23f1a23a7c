/** Entry of the work thread: a worker inside of the server, which sends requests of batches until it is told to end. */
import { parentPort, workerData } from 'node:worker_threads'
import { Worker } from '@pilothouse/dispatch/sending'
import { keepHeapSmall, workPace } from '../system/keep-heap-small.ts'
import { PortSource } from './port-source.ts'
import type { FromWorkThread, ToWorkThread, WorkThreadData } from './work-messages.ts'

const port = parentPort
if (!port) throw new Error('work-thread runs as a worker thread only.')
const post = (message: FromWorkThread): void => port.postMessage(message)

const { name, host, graceMs } = workerData as WorkThreadData // given by server-worker.ts
const source = new PortSource(post)
const worker = new Worker({
  name,
  host,
  source,
  paces: { graceMs },
  onTrouble: ({ message }) => post({ type: 'trouble', message }),
})
port.on('message', (message: ToWorkThread) => {
  if (message.type === 'drain') worker.drain()
  else source.hear(message)
})
keepHeapSmall(workPace)
await worker.run(new AbortController().signal)
port.close()
