/**
 * The server's own workers. A resting server has none: they start when a batch is in progress, end some time after the last one,
 * and are started again should one die.
 *
 *   none ──(work)──▶ working ──(no work for a while)──▶ ending ──▶ none
 *                      └──(died)──▶ none, and after a pause working again
 */
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { ServerWorker } from './server-worker.ts'
import type { OwnWorkers, Work } from './work.ts'
import { serverWorkerPrefix } from './worker-roll.ts'

/** How long workers wait for more work. */
const idleMsDefault = 60_000
/** Until one that died is started again. */
const againMsDefault = 2_000
/** So that no name is the beginning of another. */
const nameDigits = 3

type Parts = {
  work: Work
  count: number
  logger: Pick<Logger, 'error' | 'warn'>
  idleMs?: number | undefined
  againMs?: number | undefined
  /** What they begin with. */
  thread?: URL | undefined
}

export class ServerWorkers implements OwnWorkers {
  readonly #parts: Parts
  /** By name; none where it is not running. */
  readonly #workers = new Map<string, ServerWorker>()
  #hasWork = false
  #isClosed = false
  #idle: NodeJS.Timeout | undefined
  #again: NodeJS.Timeout | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  look(hasWork: boolean): void {
    this.#hasWork = hasWork
    if (hasWork) this.#startAll()
    else this.#endLater()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#idle)
    clearTimeout(this.#again)
    await Promise.all([...this.#workers.values()].map((worker) => worker.end()))
  }

  #startAll(): void {
    clearTimeout(this.#idle)
    this.#idle = undefined
    if (this.#isClosed) return
    for (let n = 1; n <= this.#parts.count; n += 1) {
      const name = `${serverWorkerPrefix}-${String(n).padStart(nameDigits, '0')}`
      if (!this.#workers.has(name)) this.#start(name)
    }
  }

  #start(name: string): void {
    const { work, logger, thread } = this.#parts
    const worker = new ServerWorker({ name, host: hostname(), source: sourceOf(work), logger, thread })
    this.#workers.set(name, worker)
    void worker.ended.then(() => this.#forget(name))
  }

  async #forget(name: string): Promise<void> {
    try {
      await this.#parts.work.dismiss(name)
    } catch (error) {
      this.#parts.logger.error({ err: error }, 'leases of a worker could not be given back')
    }
    this.#workers.delete(name)
    if (!this.#hasWork || this.#isClosed) return
    clearTimeout(this.#again)
    this.#again = setTimeout(() => this.#startAll(), this.#parts.againMs ?? againMsDefault)
  }

  #endLater(): void {
    if (this.#workers.size === 0) return
    this.#idle ??= setTimeout(() => {
      for (const worker of this.#workers.values()) void worker.end()
    }, this.#parts.idleMs ?? idleMsDefault)
    this.#idle.unref()
  }
}

function sourceOf(work: Work): ConstructorParameters<typeof ServerWorker>[0]['source'] {
  return {
    lease: (ask, signal) => work.lease(ask, signal),
    deliver: (delivery) => work.deliver(delivery),
    beat: (heartbeat) => work.beat(heartbeat),
    giveBack: (given) => work.giveBack(given),
    engines: ({ model }) => work.listEngines(model),
  }
}
