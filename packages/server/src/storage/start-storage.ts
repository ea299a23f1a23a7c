import { Worker } from 'node:worker_threads'
import { PilothouseError } from '@pilothouse/contract'
import { findThread } from '../find-thread.ts'
import { Utilisation } from '../system/utilisation.ts'
import type { Answer, Call, FromStorage, StorageSettings, ToStorage } from './messages.ts'
import type { OperationInput, OperationName, OperationOutput } from './operations.ts'
import type { LiveUpdate, StorageClient } from './storage-client.ts'
import { unpackError } from './wire-error.ts'

/** Bytes of reports that may wait for their commit; beyond, a report is refused with 503 and its sender keeps it. */
const waitingBytesMax = 128 * 1024 * 1024

export type StorageOptions = StorageSettings & {
  /** Told when background work of the storage fails; it is tried again by itself. */
  onTrouble?: (task: string, error: PilothouseError) => void
  /** The thread died. Nothing works from then on; what was acknowledged is safe. */
  onDeath?: (error: unknown) => void
}

/**
 * Starts the storage thread on a data folder.
 * @throws PilothouseError `unavailable` when the folder is in use, or was written by a newer version.
 */
export async function startStorage({ onTrouble, onDeath, ...settings }: StorageOptions): Promise<StorageClient> {
  const worker = new Worker(findThread('storage/storage-thread'), {
    workerData: settings,
  })
  const thread = new StorageThread(worker, { onTrouble, onDeath })
  await thread.ready
  return thread
}

type Waiting = { resolve(value: unknown): void; reject(error: unknown): void; bytes: number }
type Listeners = Pick<StorageOptions, 'onTrouble' | 'onDeath'>

class StorageThread implements StorageClient {
  readonly ready: Promise<void>
  readonly #worker: Worker
  readonly #utilisation: Utilisation
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Set<(updates: readonly LiveUpdate[]) => void>()
  readonly #ended: Promise<void>
  #outbox: Call[] = []
  #transfer: ArrayBuffer[] = []
  #lastId = 0
  #waitingBytes = 0
  #closing = false

  constructor(worker: Worker, listeners: { [Key in keyof Listeners]: Listeners[Key] | undefined }) {
    this.#worker = worker
    this.#utilisation = new Utilisation(() => worker.performance.eventLoopUtilization())
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (message: FromStorage) =>
        this.#receive(message, { resolve, reject, onTrouble: listeners.onTrouble }),
      )
      worker.on('error', (cause) => {
        const error = cause instanceof Error ? cause : new Error(String(cause))
        reject(error)
        this.#die(error)
        listeners.onDeath?.(error)
      })
    })
    this.#ended = new Promise((resolve) => worker.on('exit', () => resolve()))
    void this.#ended.then(() => this.#die(undefined))
  }

  call<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>> {
    const bytes = measureBytes(input)
    if (this.#closing) return Promise.reject(new PilothouseError('unavailable', 'The server is stopping.'))
    if (this.#waitingBytes + bytes > waitingBytesMax) {
      return Promise.reject(
        new PilothouseError('unavailable', 'More reports arrive than can be stored; this one was not taken.'),
      )
    }
    return new Promise((resolve, reject) => {
      this.#lastId += 1
      this.#waitingBytes += bytes
      const settle = resolve as (value: unknown) => void // the thread answers with the output of this very operation
      this.#waiting.set(this.#lastId, { resolve: settle, reject, bytes })
      this.#send({ id: this.#lastId, name, input }, bytes)
    })
  }

  watch(topics: readonly string[]): void {
    if (!this.#closing) this.#post({ type: 'watch', topics })
  }

  subscribe(listener: (updates: readonly LiveUpdate[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  load(): { utilisation: number; waiting: number } {
    return { utilisation: this.#utilisation.measure(), waiting: this.#waiting.size }
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#flush()
      this.#closing = true
      this.#post({ type: 'close' })
    }
    await this.#ended
  }

  /** Calls of one turn of the event loop travel together. */
  #send(call: Call, bytes: number): void {
    if (this.#outbox.length === 0) setImmediate(() => this.#flush())
    this.#outbox.push(call)
    if (bytes > 0) this.#transfer.push(...listBuffers(call.input))
  }

  #flush(): void {
    if (this.#outbox.length === 0) return
    const message: ToStorage = { type: 'calls', calls: this.#outbox }
    const transfer = this.#transfer
    this.#outbox = []
    this.#transfer = []
    this.#worker.postMessage(message, [...new Set(transfer)])
  }

  #post(message: ToStorage): void {
    this.#worker.postMessage(message)
  }

  #receive(message: FromStorage, start: Starting): void {
    switch (message.type) {
      case 'ready':
        return start.resolve()
      case 'refused':
        void this.#worker.terminate()
        return start.reject(unpackError(message.error))
      case 'answers':
        return message.answers.forEach((answer) => this.#settle(answer))
      case 'live':
        return this.#listeners.forEach((listener) => listener(message.updates))
      case 'trouble':
        return start.onTrouble?.(message.task, unpackError(message.error))
      case 'closed':
        return undefined
      default:
        return message satisfies never
    }
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    if (!waiting) return
    this.#waiting.delete(answer.id)
    this.#waitingBytes -= waiting.bytes
    if ('error' in answer) waiting.reject(unpackError(answer.error))
    else waiting.resolve(answer.value)
  }

  #die(cause: unknown): void {
    this.#closing = true
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new PilothouseError('unavailable', 'The storage has stopped.', { cause }))
  }
}

type Starting = { resolve(): void; reject(error: unknown): void; onTrouble: StorageOptions['onTrouble'] | undefined }

function measureBytes(input: unknown): number {
  return listViews(input).reduce((sum, view) => sum + view.byteLength, 0)
}

/** Buffers that may change hands: those that their view fills. A view of a pooled buffer is copied instead. */
function listBuffers(input: unknown): ArrayBuffer[] {
  return listViews(input).flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  )
}

function listViews(input: unknown): Uint8Array[] {
  if (typeof input !== 'object' || input === null) return []
  return Object.values(input).filter((value) => value instanceof Uint8Array)
}
