/** Looks for batches that are to be brought to their end, and brings each there; what fails is tried again. */
import type { Logger } from 'pino'
import { type EndParts, endBatch, tidyFolders } from './end-batch.ts'

/** While there are batches, it is looked at least so often: the clock may be set to another time. */
const lookEveryMs = 60_000
/** Until an end that failed is tried again. */
const againMs = 5_000

type Parts = Omit<EndParts, 'signal'> & {
  logger: Pick<Logger, 'error'>
  /** How many batches have requests for workers, told after each look. */
  onLook: (working: number) => void
  /** A batch has ended. */
  onEnded?: (() => void) | undefined
}

export class BatchEnds {
  readonly #parts: Parts
  readonly #stop = new AbortController()
  readonly #ends = new Map<string, Promise<void>>()
  #looking: Promise<void> | undefined
  /** Something happened since the look under way began. */
  #isLookWanted = false
  #timer: NodeJS.Timeout | undefined
  #tidying: Promise<void> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  start(): void {
    this.#tidying = tidyFolders(this.#endParts()).catch((error: unknown) => this.#complain(error))
    void this.look()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await Promise.allSettled([this.#tidying, this.#looking, ...this.#ends.values()])
  }

  /** Brings whatever is due to its end. Resolves after the look, not after the ends. */
  look(): Promise<void> {
    this.#isLookWanted = true
    this.#looking ??= this.#lookOn().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** Brings a batch to its end if that is due. Resolves when it has been tried; what fails is tried again later. */
  settle(batchId: string): Promise<void> {
    const before = this.#ends.get(batchId) ?? Promise.resolve()
    const end = before.then(() => this.#end(batchId))
    this.#ends.set(batchId, end)
    return end.finally(() => {
      if (this.#ends.get(batchId) === end) this.#ends.delete(batchId)
    })
  }

  async #lookOn(): Promise<void> {
    while (this.#isLookWanted && !this.#stop.signal.aborted) {
      this.#isLookWanted = false
      const waitMs = await this.#lookOnce().catch((error: unknown) => {
        this.#complain(error)
        return againMs
      })
      this.#lookAfter(waitMs)
    }
  }

  /** ms until the next look; null: none is needed until something happens. */
  async #lookOnce(): Promise<number | null> {
    const nowMs = this.#parts.now()
    const { due, working, nextMs } = await this.#parts.storage.call('work.due', { nowMs })
    this.#parts.onLook(working)
    for (const id of due) if (!this.#ends.has(id)) void this.settle(id)
    if (due.length > 0) return againMs
    return nextMs === null ? null : Math.min(lookEveryMs, Math.max(nextMs - nowMs, 0))
  }

  #lookAfter(ms: number | null): void {
    clearTimeout(this.#timer)
    if (ms === null || this.#stop.signal.aborted) return
    this.#timer = setTimeout(() => void this.look(), ms)
    this.#timer.unref()
  }

  async #end(batchId: string): Promise<void> {
    if (this.#stop.signal.aborted) return
    try {
      if (await endBatch(this.#endParts(), batchId)) this.#parts.onEnded?.()
    } catch (error) {
      this.#complain(error)
      this.#lookAfter(againMs)
    }
  }

  #endParts(): EndParts {
    return { ...this.#parts, signal: this.#stop.signal }
  }

  #complain(error: unknown): void {
    if (!this.#stop.signal.aborted) this.#parts.logger.error({ err: error }, 'a batch could not be brought to its end')
  }
}
