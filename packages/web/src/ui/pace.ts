/**
 * Calls `act` at most once in a while: at once where it was not called for so long, else when it is next asked for after
 * that. Where nobody asks again it is called by itself, half as long later: what comes in rounds is told with a round,
 * not between two.
 */
export class Pace {
  readonly #act: () => void
  #calledMs = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(act: () => void) {
    this.#act = act
  }

  /** `everyMs`: how much time is between two calls at least. */
  ask(everyMs: number): void {
    const sinceMs = performance.now() - this.#calledMs
    if (sinceMs >= everyMs) this.#call()
    else this.#timer ??= setTimeout(() => this.#call(), 1.5 * everyMs - sinceMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #call(): void {
    this.stop()
    this.#calledMs = performance.now()
    this.#act()
  }
}
