/**
 * Sends requests to engines and saves what comes of them: as many at once as each engine computes side by side, again where that
 * helps, and to another engine where one is away. Every request ends with exactly one result, unless the run is broken off; what
 * of a broken run is saved is known to whoever saves, and the rest is sent by another run.
 */
import { once } from 'node:events'
import type { ConcurrencyBounds } from '../concurrency/concurrency.ts'
import type { Attempt } from '../engine/engine-client.ts'
import type { Failure } from '../engine/judge-failure.ts'
import { planRetry } from '../engine/plan-retry.ts'
import type { EngineMetrics } from '../metrics/parse-engine-metrics.ts'
import type { BatchRequest, RequestOutcome, RequestResult } from '../request.ts'
import { EngineSeat, type SeatView } from './engine-seat.ts'
import { type Pending, RequestQueue } from './request-queue.ts'
import { ResultGroups } from './result-groups.ts'

export type DispatchEngine = {
  name: string
  /** Rejects only when `signal` is aborted. `onTokens`: so many more came. */
  send: (request: BatchRequest, calls: { signal: AbortSignal; onTokens: (count: number) => void }) => Promise<Attempt>
  /** What the engine tells of itself; null where it does not. */
  readMetrics?: (() => Promise<EngineMetrics | null>) | undefined
  bounds?: ConcurrencyBounds | undefined
}

export type DispatchOptions = {
  engines: readonly DispatchEngine[]
  /** Keeps results; nothing of them is lost once it resolves. Called with one group at a time. */
  save: (results: readonly RequestResult[]) => Promise<void>
  attemptsMax?: number
  /** A clock that only goes forward, ms. */
  now?: () => number
  random?: () => number
}

/** How often it is looked at how the engines do. */
const lookEveryMs = 500
/** How often they are asked: llama.cpp does not notice that nobody waits for an answer any more while it is asked every second. */
const askEveryMs = { telling: 1_250, silent: 30_000 }

/** An engine, and what is known of it; `tells`: it has figures of its own. */
type Place = { engine: DispatchEngine; seat: EngineSeat; tells: boolean; askAtMs: number }

export class Dispatch {
  readonly #options: DispatchOptions
  readonly #now: () => number
  readonly #random: () => number
  readonly #seats: Place[]
  readonly #stop = new AbortController()
  readonly #end = Promise.withResolvers<void>()
  readonly #groups: ResultGroups
  #queue: RequestQueue | undefined
  #isDraining = false
  /** The seat that is offered a request first, so that all get their part. */
  #turn = 0

  constructor(options: DispatchOptions) {
    const { engines, save, now = () => performance.now(), random = Math.random } = options
    this.#options = options
    this.#now = now
    this.#random = random
    this.#seats = engines.map((engine) => ({
      engine,
      seat: new EngineSeat(engine.name, engine.bounds),
      tells: false,
      askAtMs: Number.NEGATIVE_INFINITY,
    }))
    this.#groups = new ResultGroups(save, { onRoom: () => this.#pump(), onError: (error) => this.#fail(error) })
  }

  /** How each engine does now. */
  view(): SeatView[] {
    return this.#seats.map(({ seat }) => seat.view())
  }

  /**
   * Sends all of them, once for each object of this class. Resolves when each has its result and that is saved, or, after
   * `drain`, when nothing is under way any more.
   * @throws what reading `requests` or saving threw, or the reason of `signal`; what is under way then is given up.
   */
  async run(requests: AsyncIterable<BatchRequest>, signal: AbortSignal): Promise<void> {
    const queue = new RequestQueue(requests, {
      onReady: () => this.#pump(),
      onEnd: () => this.#end.resolve(),
      onError: (error) => this.#fail(error),
    })
    this.#queue = queue
    const giveUp = (): void => this.#fail(signal.reason)
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    const looks = setInterval(() => this.#look(), lookEveryMs)
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
      const free = this.#findSeat()
      const pending = free && this.#queue?.take()
      if (!free || !pending) return
      void this.#send(pending, free)
    }
  }

  #mayTake(): boolean {
    return !this.#isDraining && !this.#groups.isFull && !this.#stop.signal.aborted
  }

  #findSeat(): { engine: DispatchEngine; seat: EngineSeat } | undefined {
    const now = this.#now()
    for (let step = 0; step < this.#seats.length; step += 1) {
      const at = (this.#turn + step) % this.#seats.length
      const one = this.#seats[at]
      if (!one?.seat.hasRoom(now)) continue
      this.#turn = at + 1
      return one
    }
    return undefined
  }

  async #send(pending: Pending, { engine, seat }: { engine: DispatchEngine; seat: EngineSeat }): Promise<void> {
    const startedMs = this.#now()
    pending.sentMs ??= startedMs
    pending.attempts += 1
    const onTokens = (count: number): void => seat.noteTokens(count)
    seat.begin()
    try {
      const attempt = await engine.send(pending.request, { signal: this.#stop.signal, onTokens })
      if (this.#stop.signal.aborted) return
      if (attempt.kind === 'answered') seat.noteAnswer(this.#now() - startedMs)
      else seat.noteFailure(attempt, this.#now())
      this.#takeAttempt(pending, attempt)
    } catch (error) {
      // Aborted; anything else is a fault of ours, and no answer of an engine.
      seat.noteEnd()
      if (!this.#stop.signal.aborted) this.#fail(error)
    }
    this.#tellDrained()
    this.#pump()
  }

  #takeAttempt(pending: Pending, attempt: Attempt): void {
    const plan = attempt.kind === 'answered' ? null : this.#planRetry(pending, attempt)
    if (plan?.kind === 'retry') {
      if (plan.counts) pending.counted += 1
      this.#queue?.giveBack(pending, plan.waitMs)
      return
    }
    const tookMs = this.#now() - (pending.sentMs ?? this.#now())
    this.#groups.add({ request: pending.request, outcome: readOutcome(attempt), attempts: pending.attempts, tookMs })
    this.#queue?.settle()
  }

  #planRetry({ attempts, counted }: Pending, failure: Failure): ReturnType<typeof planRetry> {
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

  #look(): void {
    for (const one of this.#seats) void this.#lookAt(one)
    this.#pump()
  }

  /** By its own figures where it has some, else by what comes from it. */
  async #lookAt(place: Place): Promise<void> {
    const nowMs = this.#now()
    if (nowMs >= place.askAtMs) {
      place.askAtMs = Number.POSITIVE_INFINITY
      const metrics = (await place.engine.readMetrics?.().catch(() => null)) ?? null
      place.tells = metrics !== null
      place.askAtMs = this.#now() + (place.tells ? askEveryMs.telling : askEveryMs.silent)
      place.seat.look(this.#now(), metrics)
    } else if (!place.tells) place.seat.look(nowMs, null)
    this.#pump()
  }

  #tellDrained(): void {
    if (this.#isDraining && this.#seats.every(({ seat }) => seat.view().inFlight === 0)) this.#end.resolve()
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
