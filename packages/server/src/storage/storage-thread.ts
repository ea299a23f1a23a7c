/** Entry of the storage thread: it owns the database file and runs what the server's thread asks for. */
import { parentPort, workerData } from 'node:worker_threads'
import type { FromStorage, StorageSettings, ToStorage } from './messages.ts'
import { keepHeapSmall } from '../system/keep-heap-small.ts'
import { openStorage } from './open-storage.ts'
import { packError } from './wire-error.ts'

const port = parentPort
if (!port) throw new Error('storage-thread runs as a worker thread only.')
const post = (message: FromStorage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
const fail = (error: unknown) =>
  setImmediate(() => {
    throw error // ends the thread; its owner is told
  })

try {
  const host = { now: Date.now, pid: process.pid, post, fail }
  const storage = await openStorage(workerData as StorageSettings, host) // given by start-storage.ts
  port.on('message', (message: ToStorage) => {
    switch (message.type) {
      case 'calls':
        return storage.submit(message.calls)
      case 'watch':
        return storage.watch(message.topics)
      case 'close':
        return void storage.close().then(() => port.close())
      default:
        return message satisfies never
    }
  })
  keepHeapSmall()
  post({ type: 'ready' })
} catch (error) {
  post({ type: 'refused', error: packError(error) })
}
