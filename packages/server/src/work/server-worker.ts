/** One worker of the server: a thread of its own, so that what engines send never keeps the page waiting. */
import { Worker } from 'node:worker_threads'
import type { WorkSource } from '@pilothouse/dispatch'
import type { Logger } from 'pino'
import { findThread } from '../find-thread.ts'
import { packError } from '../storage/wire-error.ts'
import type { FromWorkThread, ToWorkThread, WorkAsk, WorkThreadData } from './work-messages.ts'

/** At its end: what is under way may take `grace`, all of it `most`, ms. */
const endMs = { grace: 2_000, most: 10_000 }
/** Answers of engines, a few thousand at once; more is a mistake that must not take the server with it. */
const maxOldGenerationSizeMb = 1_024

export type ServerWorkerParts = {
  name: string
  host: string
  source: WorkSource
  logger: Pick<Logger, 'error' | 'warn'>
  /** What it begins with. */
  thread?: URL | undefined
}

export class ServerWorker {
  /** Resolves when the thread has ended, however that came. */
  readonly ended: Promise<void>
  readonly #parts: ServerWorkerParts
  readonly #thread: Worker
  readonly #asking = new Map<number, AbortController>()
  #isEnding = false

  constructor(parts: ServerWorkerParts) {
    const { name, host, logger, thread = findThread('work/work-thread') } = parts
    const workerData: WorkThreadData = { name, host, graceMs: endMs.grace }
    this.#parts = parts
    this.#thread = new Worker(thread, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb },
    })
    this.#thread.on('message', (message: FromWorkThread) => this.#hear(message))
    this.#thread.on('error', (error) => logger.error({ err: error }, 'a worker of the server has died'))
    this.ended = new Promise((resolve) => {
      this.#thread.once('exit', () => {
        for (const asking of this.#asking.values()) asking.abort()
        resolve()
      })
    })
  }

  /** Delivers what is there, gives back what is not done, and ends. Calling it again changes nothing. */
  async end(): Promise<void> {
    if (this.#isEnding) return this.ended
    this.#isEnding = true
    this.#post({ type: 'drain' })
    const late = setTimeout(() => void this.#thread.terminate(), endMs.most)
    await this.ended
    clearTimeout(late)
  }

  #post(message: ToWorkThread): void {
    this.#thread.postMessage(message)
  }

  #hear(message: FromWorkThread): void {
    switch (message.type) {
      case 'ask':
        return void this.#answer(message.id, message.ask)
      case 'abort':
        return this.#asking.get(message.id)?.abort()
      case 'trouble':
        return this.#parts.logger.warn({ worker: this.#parts.name }, message.message)
    }
  }

  async #answer(id: number, ask: WorkAsk): Promise<void> {
    const asking = new AbortController()
    this.#asking.set(id, asking)
    try {
      this.#post({ type: 'answer', id, value: await askSource(this.#parts.source, ask, asking.signal) })
    } catch (error) {
      this.#post({ type: 'failed', id, error: packError(error) })
    } finally {
      this.#asking.delete(id)
    }
  }
}

function askSource(source: WorkSource, ask: WorkAsk, signal: AbortSignal): Promise<unknown> {
  switch (ask.name) {
    case 'lease':
      return source.lease(ask.input, signal)
    case 'deliver':
      return source.deliver(ask.input)
    case 'beat':
      return source.beat(ask.input)
    case 'giveBack':
      return source.giveBack(ask.input)
    case 'engines':
      return source.engines(ask.input)
  }
}
