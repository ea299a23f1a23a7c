import type {
  GiveBack,
  Heartbeat,
  HeartbeatAnswer,
  LeaseAnswer,
  LeaseAsk,
  WorkDelivered,
  WorkDelivery,
  WorkEngines,
} from '@pilothouse/contract'
import type { WorkSource } from '@pilothouse/dispatch'
import { unpackError } from '../storage/wire-error.ts'
import type { FromWorkThread, ToWorkThread, WorkAsk } from './work-messages.ts'

type Waiting = { resolve(value: unknown): void; reject(error: unknown): void }

/** The control room as a worker in a thread of it knows it. */
export class PortSource implements WorkSource {
  readonly #post: (message: FromWorkThread) => void
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  constructor(post: (message: FromWorkThread) => void) {
    this.#post = post
  }

  /** Hears what the server says to a question of before. */
  hear(message: Exclude<ToWorkThread, { type: 'drain' }>): void {
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.type === 'answer') waiting?.resolve(message.value)
    else waiting?.reject(unpackError(message.error))
  }

  async lease(input: LeaseAsk, signal: AbortSignal): Promise<LeaseAnswer> {
    signal.throwIfAborted()
    const { id, answer } = this.#ask<LeaseAnswer>({ name: 'lease', input })
    const abort = (): void => {
      this.#post({ type: 'abort', id })
      this.#waiting.get(id)?.reject(signal.reason)
      this.#waiting.set(id, this.#returning(input.worker))
    }
    signal.addEventListener('abort', abort)
    return answer.finally(() => signal.removeEventListener('abort', abort))
  }

  deliver(input: WorkDelivery): Promise<WorkDelivered> {
    return this.#ask<WorkDelivered>({ name: 'deliver', input }).answer
  }

  beat(input: Heartbeat): Promise<HeartbeatAnswer> {
    return this.#ask<HeartbeatAnswer>({ name: 'beat', input }).answer
  }

  async giveBack(input: GiveBack): Promise<void> {
    await this.#ask<unknown>({ name: 'giveBack', input }).answer
  }

  engines(input: { model: string }): Promise<WorkEngines> {
    return this.#ask<WorkEngines>({ name: 'engines', input }).answer
  }

  /** What was leased while the question was taken back is given back at once. */
  #returning(worker: string): Waiting {
    const giveBack = async (answer: unknown): Promise<void> => {
      const { shard } = answer as LeaseAnswer // it answers a lease
      if (shard) await this.giveBack({ worker, leases: [shard] }).catch(() => undefined) // it ends by itself
    }
    return { resolve: (answer) => void giveBack(answer), reject: () => undefined }
  }

  #ask<Answer>(ask: WorkAsk): { id: number; answer: Promise<Answer> } {
    const id = (this.#lastId += 1)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(id, { resolve, reject })
    this.#post({ type: 'ask', id, ask })
    return { id, answer: promise as Promise<Answer> } // the server answers the very question (server-worker.ts)
  }
}
