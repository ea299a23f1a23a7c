/** Where workers wait until there is something to lease. */

/** At least so long between two looks, whatever the clock says; at most so long, should a clock be set. */
const lookMs = { least: 20, most: 5_000 }

export type Visit = {
  /** The time is over, or who waits has gone, or the room is closed. */
  readonly isOver: boolean
  /** From now on a ring is not missed. */
  listen(): void
  /** Until the bell rings, `ms` have gone by (null: no matter), or the visit is over. */
  wait(ms: number | null): Promise<void>
  leave(): void
}

export class WaitingRoom {
  readonly #visitors = new Set<() => void>()
  readonly #closers = new Set<() => void>()
  #isClosed = false

  ring(): void {
    for (const wake of this.#visitors) wake()
  }

  close(): void {
    this.#isClosed = true
    for (const end of this.#closers) end()
  }

  /** Comes in for at most `waitMs`. */
  enter(waitMs: number, signal: AbortSignal): Visit {
    let isOver = waitMs === 0 || signal.aborted || this.#isClosed
    let bell = Promise.withResolvers<void>()
    const wake = (): void => bell.resolve()
    const end = (): void => {
      isOver = true
      wake()
    }
    const timer = setTimeout(end, waitMs)
    signal.addEventListener('abort', end)
    this.#visitors.add(wake)
    this.#closers.add(end)
    return {
      get isOver() {
        return isOver
      },
      listen: () => {
        bell = Promise.withResolvers()
      },
      wait: async (ms) => {
        if (isOver) return
        const again = setTimeout(wake, Math.min(Math.max(ms ?? lookMs.most, lookMs.least), lookMs.most))
        await bell.promise
        clearTimeout(again)
      },
      leave: () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        this.#visitors.delete(wake)
        this.#closers.delete(end)
      },
    }
  }
}
