/** One engine among those that answer a batch: how many requests it gets at once, and when it is left alone. */
import {
  advanceConcurrency,
  type Concurrency,
  type ConcurrencyBounds,
  fitConcurrency,
  startConcurrency,
  usualBounds,
} from '../concurrency/concurrency.ts'
import type { Failure } from '../engine/judge-failure.ts'
import type { EngineMetrics } from '../metrics/parse-engine-metrics.ts'

/** What a batch sees of an engine while it runs. */
export type SeatView = {
  name: string
  inFlight: number
  limit: number
  /** It does not answer, and is tried once in a while. */
  isAway: boolean
  answered: number
  failed: number
  tokens: number
  latencyMs: number
}

const awayMs = { first: 500, most: 30_000 }
/** Weight of the newest answer in the mean time of an answer. */
const latencyWeight = 0.1

export class EngineSeat {
  readonly name: string
  #bounds: ConcurrencyBounds
  #state: Concurrency
  #inFlight = 0
  #answered = 0
  #failed = 0
  #tokens = 0
  #latencyMs = 0
  /** Since the last look. */
  #fresh = { answered: 0, tokens: 0, slowdowns: 0 }
  #preemptions: number | null = null
  /** Times in a row that it was found away. */
  #awayTimes = 0
  #awayUntilMs = 0

  constructor(name: string, bounds: ConcurrencyBounds = usualBounds) {
    this.name = name
    this.#bounds = bounds
    this.#state = startConcurrency(bounds)
  }

  setBounds(bounds: ConcurrencyBounds = usualBounds): void {
    this.#bounds = bounds
    this.#state = fitConcurrency(this.#state, bounds)
  }

  /** Where it is away, it is tried with the next request. */
  tryAgain(): void {
    this.#awayUntilMs = 0
  }

  /** Whether another request may be sent. One that was away gets a single one first. */
  hasRoom(nowMs: number): boolean {
    if (this.#awayTimes > 0) return this.#inFlight === 0 && nowMs >= this.#awayUntilMs
    return this.#inFlight < this.#state.limit
  }

  /** When one that is away is tried again; null where it is not away. */
  get triedAgainMs(): number | null {
    return this.#awayTimes > 0 ? this.#awayUntilMs : null
  }

  begin(): void {
    this.#inFlight += 1
  }

  noteTokens(count: number): void {
    this.#tokens += count
    this.#fresh.tokens += count
  }

  noteAnswer(tookMs: number): void {
    this.#inFlight -= 1
    this.#answered += 1
    this.#fresh.answered += 1
    this.#awayTimes = 0
    this.#latencyMs += (this.#latencyMs === 0 ? 1 : latencyWeight) * (tookMs - this.#latencyMs)
  }

  noteFailure({ code, slowsDown, isAway }: Failure, nowMs: number): void {
    this.#inFlight -= 1
    this.#failed += 1
    if (code !== 'connection' && !isAway) this.#awayTimes = 0
    if (isAway) this.#leaveAlone(nowMs)
    else if (slowsDown || code === 'connection') this.#fresh.slowdowns += 1
  }

  /** It was given up: neither an answer nor a failure of the engine. */
  noteEnd(): void {
    this.#inFlight -= 1
  }

  /** Looks at what happened since the last look. */
  look(nowMs: number, metrics: EngineMetrics | null): void {
    const preemptions = this.#countPreemptions(metrics)
    this.#state = advanceConcurrency(
      this.#state,
      {
        nowMs,
        inFlight: this.#inFlight,
        ...this.#fresh,
        preemptions,
        waiting: metrics?.waiting ?? null,
        latencyMs: this.#latencyMs,
      },
      this.#bounds,
    )
    this.#fresh = { answered: 0, tokens: 0, slowdowns: 0 }
  }

  view(): SeatView {
    return {
      name: this.name,
      inFlight: this.#inFlight,
      limit: this.#state.limit,
      isAway: this.#awayTimes > 0,
      answered: this.#answered,
      failed: this.#failed,
      tokens: this.#tokens,
      latencyMs: this.#latencyMs,
    }
  }

  #leaveAlone(nowMs: number): void {
    // Of many requests that find it away at once the first counts.
    if (nowMs < this.#awayUntilMs) return
    this.#awayUntilMs = nowMs + Math.min(awayMs.most, awayMs.first * 2 ** this.#awayTimes)
    this.#awayTimes += 1
  }

  /** The counter of an engine that began anew is lower than before. */
  #countPreemptions(metrics: EngineMetrics | null): number {
    const total = metrics?.preemptions ?? null
    const before = this.#preemptions
    this.#preemptions = total ?? before
    return total === null || before === null ? 0 : Math.max(0, total - before)
  }
}
