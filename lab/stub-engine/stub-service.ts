/**
 * How fast the stand-in works: up to `slots` requests at a time run at full speed, beyond them each gets slower than its share,
 * so that throughput rises up to a knee and falls behind it; beyond `runningMax` requests wait in a queue, in order.
 */
export type ServiceOptions = {
  slots: number
  runningMax: number
  /** Of one request, as long as no more than `slots` run. */
  tokensPerSecond: number
  /** 0: throughput stays level behind the knee; 1: with twice as many requests it is half. */
  degradation: number
}

type Work = {
  tokens: number
  factor: number
  done: number
  told: number
  onTokens: (count: number) => void
  finish: () => void
}

const tickMs = 5

export class StubService {
  readonly #options: ServiceOptions
  readonly #running = new Set<Work>()
  readonly #waiting = new Set<Work>()
  #ticker: NodeJS.Timeout | null = null
  #tickedMs = 0
  preemptions = 0

  constructor(options: ServiceOptions) {
    this.#options = options
  }

  get running(): number {
    return this.#running.size
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Tokens per second of each request while so many run. */
  speedAt(running: number): number {
    const { slots, tokensPerSecond, degradation } = this.#options
    return tokensPerSecond * Math.min(1, (slots / running) ** (1 + degradation))
  }

  /** Works until all tokens were told, or until the signal says that nobody wants them any more. */
  async run(
    tokens: number,
    { factor, signal, onTokens }: { factor: number; signal: AbortSignal; onTokens: (count: number) => void },
  ): Promise<void> {
    await new Promise<void>((resolve) => {
      const finish = () => {
        signal.removeEventListener('abort', finish)
        this.#running.delete(work)
        this.#waiting.delete(work)
        this.#admit()
        resolve()
      }
      const work: Work = { tokens, factor, done: 0, told: 0, onTokens, finish }
      signal.addEventListener('abort', finish, { once: true })
      this.#waiting.add(work)
      this.#admit()
    })
  }

  #admit(): void {
    for (const work of this.#waiting) {
      if (this.#running.size >= this.#options.runningMax) break
      this.#waiting.delete(work)
      this.#running.add(work)
      // vLLM pre-empts when its memory for prefixes is full; here that is where speed suffers.
      if (this.#running.size > this.#options.slots) this.preemptions += 1
    }
    if (this.#running.size > 0 && !this.#ticker) this.#begin()
  }

  #begin(): void {
    this.#tickedMs = performance.now()
    this.#ticker = setInterval(() => this.#tick(), tickMs)
  }

  #tick(): void {
    const now = performance.now()
    const seconds = (now - this.#tickedMs) / 1_000
    this.#tickedMs = now
    const speed = this.speedAt(this.#running.size)
    const running = [...this.#running] // what is let in meanwhile begins with the next tick
    for (const work of running) advance(work, (seconds * speed) / work.factor)
    if (this.#running.size > 0 || !this.#ticker) return
    clearInterval(this.#ticker)
    this.#ticker = null
  }
}

function advance(work: Work, tokens: number): void {
  work.done = Math.min(work.tokens, work.done + tokens)
  const fresh = Math.floor(work.done) - work.told
  work.told += fresh
  if (fresh > 0) work.onTokens(fresh)
  if (work.done >= work.tokens) work.finish()
}
