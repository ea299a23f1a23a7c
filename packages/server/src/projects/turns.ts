/** Lets at most so many works run at once; the others wait in the order in which they came. */
export class Turns {
  readonly #max: number
  readonly #queue: (() => void)[] = []
  #running = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Runs `work` when it is its turn; never, when `signal` ends it before. */
  async run(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    if (signal.aborted) return
    if (this.#running < this.#max) this.#running += 1
    else if (!(await this.#wait(signal))) return
    try {
      await work()
    } finally {
      const next = this.#queue.shift()
      if (next) next()
      else this.#running -= 1
    }
  }

  /** True with a place that another has handed over. */
  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const take = (): void => {
        signal.removeEventListener('abort', leave)
        resolve(true)
      }
      const leave = (): void => {
        this.#queue.splice(this.#queue.indexOf(take), 1)
        resolve(false)
      }
      this.#queue.push(take)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
}
