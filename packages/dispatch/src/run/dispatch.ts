/**
 * Sends requests to engines and saves what comes of them: as many at once as each engine computes side by side, again where that
 * helps, and to another engine where one is away. Every request ends with exactly one result, unless the run is broken off; what
 * of a broken run is saved is known to whoever saves, and the rest is sent by another run.
 */
import { once } from 'node:events'
import type { Attempt } from '../engine/engine-client.ts'
import type { Failure } from '../engine/judge-failure.ts'
import { planRetry } from '../engine/plan-retry.ts'
import type { BatchRequest, RequestOutcome, RequestResult } from '../request.ts'
import type { DispatchEngine } from './dispatch-engine.ts'
import type { SeatView } from './engine-seat.ts'
import { EngineSeats, type Place } from './engine-seats.ts'
import { joinSignals } from './join-signals.ts'
import { type Pending, RequestQueue } from './request-queue.ts'
import { ResultGroups } from './result-groups.ts'

export type DispatchOptions<R extends BatchRequest> = {
  engines: readonly DispatchEngine<R>[]
  /** Keeps results; nothing of them is lost once it resolves. Called with one group at a time. */
  save: (results: readonly RequestResult<R>[]) => Promise<void>
  attemptsMax?: number
  /** A clock that only goes forward, ms. */
  now?: () => number
  random?: () => number
  /** An engine that `setEngines` took out is done; what it did is in the view. */
  onEngineLeft?: (view: SeatView) => void
}

/** How often it is looked at how the engines do. */
const lookEveryMs = 500

export class Dispatch<R extends BatchRequest = BatchRequest> {
  readonly #options: DispatchOptions<R>
  readonly #now: () => number
  readonly #random: () => number
  readonly #seats: EngineSeats<R>
  readonly #stop = new AbortController()
  readonly #end = Promise.withResolvers<void>()
  readonly #groups: ResultGroups<R>
  #queue: RequestQueue<R> | undefined
  #isDraining = false

  constructor(options: DispatchOptions<R>) {
    const { engines, save, now = () => performance.now(), random = Math.random, onEngineLeft = () => {} } = options
    this.#options = options
    this.#now = now
    this.#random = random
    this.#seats = new EngineSeats({ now, onRoom: () => this.#pump(), onLeft: onEngineLeft })
    this.#seats.set(engines)
    this.#groups = new ResultGroups(save, { onRoom: () => this.#pump(), onError: (error) => this.#fail(error) })
  }

  /** How each engine does now. */
  view(): SeatView[] {
    return this.#seats.view()
  }

  /**
   * From now on these answer. Those of the same name as before go on as they do; those that are missing get no more requests,
   * and what they still answer counts. Without any, requests wait.
   */
  setEngines(engines: readonly DispatchEngine<R>[]): void {
    this.#seats.set(engines)
    this.#pump()
  }

  /**
   * Sends all of them, once for each object of this class. Resolves when each has its result and that is saved, or, after
   * `drain`, when nothing is under way any more.
   * @throws what reading `requests` or saving threw, or the reason of `signal`; what is under way then is given up.
   */
  async run(requests: AsyncIterable<R>, signal: AbortSignal): Promise<void> {
    const queue = new RequestQueue(requests, {
      onReady: () => this.#pump(),
      onEnd: () => this.#end.resolve(),
      onError: (error) => this.#fail(error),
    })
    this.#queue = queue
    const giveUp = (): void => this.#fail(signal.reason)
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    const looks = setInterval(() => this.#seats.look(), lookEveryMs)
    try {
      queue.open()
      await this.#end.promise
      await Promise.race([this.#groups.flush(), throwOn(this.#stop.signal)])
    } finally {
      clearInterval(looks)
      signal.removeEventListener('abort', giveUp)
      queue.close()
      this.#stop.abort()
    }
  }

  /** Nothing more is sent; what is under way comes to its end. */
  drain(): void {
    this.#isDraining = true
    this.#tellDrained()
  }

  #fail(error: unknown): void {
    this.#end.reject(error)
    this.#stop.abort(error)
  }

  #pump(): void {
    while (this.#mayTake()) {
      const free = this.#seats.find()
      const pending = free && this.#queue?.take()
      if (!free || !pending) return
      void this.#send(pending, free)
    }
  }

  #mayTake(): boolean {
    return !this.#isDraining && !this.#groups.isFull && !this.#stop.signal.aborted
  }

  async #send(pending: Pending<R>, place: Place<R>): Promise<void> {
    const { engine, seat } = place
    const startedMs = this.#now()
    pending.sentMs ??= startedMs
    pending.attempts += 1
    const onTokens = (count: number): void => seat.noteTokens(count)
    const { signal, release } = joinSignals(this.#stop.signal, pending.request.signal)
    seat.begin()
    try {
      const attempt = await engine.send(pending.request, { signal, onTokens })
      signal.throwIfAborted()
      if (attempt.kind === 'answered') seat.noteAnswer(this.#now() - startedMs)
      else seat.noteFailure(attempt, this.#now())
      this.#takeAttempt(pending, attempt, engine.name)
    } catch (error) {
      seat.noteEnd()
      // Withdrawn, or given up with the run; anything else is a fault of ours, and no answer of an engine.
      if (signal.aborted) this.#queue?.settle()
      else this.#fail(error)
    } finally {
      release()
    }
    this.#seats.dropLeft()
    this.#tellDrained()
    this.#pump()
  }

  #takeAttempt(pending: Pending<R>, attempt: Attempt, engine: string): void {
    const { request, attempts } = pending
    const plan = attempt.kind === 'answered' ? null : this.#planRetry(pending, attempt)
    if (plan?.kind === 'retry') {
      if (plan.counts) pending.counted += 1
      this.#queue?.giveBack(pending, plan.waitMs)
      return
    }
    const tookMs = this.#now() - (pending.sentMs ?? this.#now())
    this.#groups.add({ request, outcome: readOutcome(attempt), attempts, tookMs, engine })
    this.#queue?.settle()
  }

  #planRetry({ attempts, counted }: Pending<R>, failure: Failure): ReturnType<typeof planRetry> {
    const { attemptsMax } = this.#options
    const plan = planRetry(failure, {
      attempts,
      counted,
      random: this.#random(),
      ...(attemptsMax === undefined ? {} : { attemptsMax }),
    })
    // An engine that is away is left alone by its seat; others may take the request at once.
    return plan.kind === 'retry' && failure.isAway ? { ...plan, waitMs: 0 } : plan
  }

  #tellDrained(): void {
    if (this.#isDraining && this.#seats.isIdle) this.#end.resolve()
  }
}

/** Without what is only of use to whoever sends it again. */
function readOutcome(attempt: Attempt): RequestOutcome {
  if (attempt.kind === 'answered') return attempt
  const { kind, code, message, status, requestId, body } = attempt
  return { kind, code, message, status, requestId, body }
}

/** @throws the reason of the signal once it is aborted. */
async function throwOn(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
  signal.throwIfAborted()
}
