/**
 * Sends requests of batches: leases shards from a control room, has a lane for each model that there is work for, delivers what
 * comes of it, and tells now and again that it is alive. Nothing but its end ends it: where the control room or an engine is away
 * it goes on trying.
 *
 *   leased ──▶ held ──▶ all delivered: forgotten, the lease ends by itself
 *               ├─────▶ lost (another has it, or its batch has ended): its requests are withdrawn
 *               └─────▶ the worker ends: given back
 */
import { limits, type ShardLease, type WorkEngine, type WorkerSeat, type WorkShard } from '@pilothouse/contract'
import type { SeatView } from '../run/engine-seat.ts'
import { Bell } from './bell.ts'
import { Lane } from './lane.ts'
import { LeaseAsker } from './lease-asker.ts'
import { openEngine, type OpenEngine } from './open-engine.ts'
import { pause } from './pause.ts'
import { sumSeats } from './sum-seats.ts'
import { type TellTrouble, tellTrouble, type WorkerTrouble } from './tell-trouble.ts'
import type { WorkSource } from './work-source.ts'

export type WorkerOptions = {
  /** Unique among the workers of the control room. */
  name: string
  /** Where it runs, for people. */
  host: string
  source: WorkSource
  /** Called for what goes wrong and does not end the worker; for each kind of it at most once a minute. */
  onTrouble: (trouble: WorkerTrouble) => void
  openEngine?: (engine: WorkEngine) => OpenEngine
  /** A clock that only goes forward, ms. */
  now?: () => number
  random?: () => number
  paces?: Partial<WorkerPaces>
}

/** All in ms. */
export type WorkerPaces = {
  /** How long it waits for work of models that it has none of. */
  openMs: number
  /** How long a lane waits for more work before it ends. */
  idleMs: number
  /** How often engines are asked for. */
  enginesMs: number
  /** Before the first heartbeat; then as the control room says. */
  beatMs: number
  /** At its end: what is under way may take so long. */
  graceMs: number
}

const usualPaces: WorkerPaces = {
  openMs: limits.leaseWaitMsMax,
  idleMs: 5_000,
  enginesMs: 5_000,
  beatMs: 2_000,
  graceMs: 10_000,
}

/** Models at a time. */
const lanesMax = 32
/** At its end: for delivering what is there when the grace is over, and for giving leases back. */
const lastWordsMs = 5_000
/** A model whose lane failed is left alone for so long. */
const failedMs = 10_000
const againMs = { least: 50, most: 10_000 }

export type WorkerView = { leases: ShardLease[]; inFlight: number; seats: WorkerSeat[] }

export class Worker {
  readonly #options: Required<Omit<WorkerOptions, 'paces' | 'onTrouble'>>
  readonly #paces: WorkerPaces
  readonly #tell: TellTrouble
  readonly #asker: LeaseAsker
  readonly #bell = new Bell()
  /** By model. */
  readonly #lanes = new Map<string, Lane>()
  readonly #running = new Set<Promise<void>>()
  /** What engines did in lanes that are over, or before they left one. */
  #over: SeatView[] = []
  readonly #draining = new AbortController()
  /** Of the question for models without a lane. */
  #asking = new AbortController()

  constructor({ onTrouble, paces, ...options }: WorkerOptions) {
    this.#options = { openEngine, now: () => performance.now(), random: Math.random, ...options }
    this.#paces = { ...usualPaces, ...paces }
    this.#tell = tellTrouble(onTrouble, this.#options.now)
    this.#asker = new LeaseAsker({ ...this.#options, tell: this.#tell })
  }

  /** What it has and does now. */
  view(): WorkerView {
    const lanes = [...this.#lanes.values()]
    const seats = sumSeats(
      lanes.flatMap((lane) => lane.seats),
      this.#over,
    )
    return {
      leases: lanes.flatMap((lane) => lane.leases),
      inFlight: seats.reduce((sum, { inFlight }) => sum + inFlight, 0),
      seats,
    }
  }

  /**
   * Works until `signal` is aborted or it is drained; resolves once what was under way has ended or its grace is over, results
   * are delivered and leases given back. To be called once for each object of this class. Does not throw.
   */
  async run(signal: AbortSignal): Promise<void> {
    const drain = (): void => this.drain()
    signal.addEventListener('abort', drain)
    if (signal.aborted) drain()
    const over = new AbortController()
    const beating = this.#beatOn(over.signal)
    while (!this.#draining.signal.aborted) await this.#openLane()
    await this.#endLanes()
    over.abort()
    await isWithin(beating, lastWordsMs)
    signal.removeEventListener('abort', drain)
  }

  /** Nothing more is leased, and `run` comes to its end. */
  drain(): void {
    this.#draining.abort()
    this.#asking.abort()
    for (const lane of this.#lanes.values()) lane.drain()
    this.#bell.ring()
  }

  async #openLane(): Promise<void> {
    const { name: worker } = this.#options
    const { signal } = this.#draining
    await this.#bell.until(() => signal.aborted || (this.#lanes.size < lanesMax && this.#mayLease()))
    if (signal.aborted) return
    this.#asking = new AbortController()
    const ask = { worker, model: null, except: [...this.#lanes.keys()], waitMs: this.#paces.openMs }
    const shard = await this.#asker.ask(ask, this.#asking.signal)
    if (!shard) return
    // Reached only where the control room answered at the very end.
    if (this.#draining.signal.aborted) return this.#giveBack([shard])
    const lane = this.#lanes.get(shard.model)
    if (lane) lane.give(shard)
    else this.#startLane(shard)
  }

  #startLane(shard: WorkShard): void {
    const lane = this.#makeLane(shard.model)
    this.#lanes.set(shard.model, lane)
    lane.give(shard)
    const running: Promise<void> = this.#runLane(lane).finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  #makeLane(model: string): Lane {
    const { name: worker, source, now, random } = this.#options
    const { enginesMs, idleMs } = this.#paces
    return new Lane({
      model,
      worker,
      source,
      now,
      random,
      enginesMs,
      idleMs,
      openEngine: this.#options.openEngine,
      tell: this.#tell,
      bell: this.#bell,
      mayLease: () => this.#mayLease(),
      countLanes: (engineId) => this.#countLanes(engineId),
      onEngines: () => this.#fitEngines(),
      onEngineLeft: (seat) => this.#remember([seat]),
    })
  }

  async #runLane(lane: Lane): Promise<void> {
    const { signal } = this.#draining
    const failure = await lane.run().then(
      () => null,
      (error: unknown) => ({ error }),
    )
    await this.#giveBack(lane.surrender())
    if (failure && !signal.aborted) {
      this.#tell('lane', failure.error)
      await pause(failedMs, signal)
    }
    this.#lanes.delete(lane.model)
    this.#remember(lane.seats)
    this.#fitEngines()
    // The question that is under way leaves its model out.
    this.#asking.abort()
    this.#bell.ring()
  }

  /** Each lane may be asking for one now. */
  #mayLease(): boolean {
    const lanes = [...this.#lanes.values()]
    const held = lanes.reduce((sum, lane) => sum + lane.leaseCount, 0)
    return held + lanes.length < limits.workerLeasesMax
  }

  #countLanes(engineId: number): number {
    return [...this.#lanes.values()].filter(({ engineIds }) => engineIds.includes(engineId)).length
  }

  #fitEngines(): void {
    for (const lane of this.#lanes.values()) lane.fitEngines()
  }

  #remember(seats: readonly SeatView[]): void {
    const all = sumSeats([], [...this.#over, ...seats])
    this.#over = all.map(({ engineId, ...seat }) => ({ ...seat, name: String(engineId) }))
  }

  async #endLanes(): Promise<void> {
    const ended = Promise.all(this.#running)
    const { graceMs } = this.#paces
    if (!(await isWithin(ended, graceMs))) for (const lane of this.#lanes.values()) lane.withdraw()
    if (!(await isWithin(ended, lastWordsMs))) for (const lane of this.#lanes.values()) lane.stop()
    await ended
  }

  async #giveBack(leases: readonly ShardLease[]): Promise<void> {
    if (leases.length === 0) return
    const { name: worker, source } = this.#options
    const named = leases.map(({ batchId, shard, epoch }) => ({ batchId, shard, epoch }))
    const given = source.giveBack({ worker, leases: named })
    await isWithin(given, lastWordsMs).catch((error: unknown) => this.#tell('give-back', error))
  }

  async #beatOn(signal: AbortSignal): Promise<void> {
    let waitMs = this.#paces.beatMs
    for (;;) {
      await pause(waitMs, signal)
      if (signal.aborted) return
      waitMs = (await this.#beat()) ?? waitMs
    }
  }

  /** Returns when to say it again, ms; null where the control room did not hear it. */
  async #beat(): Promise<number | null> {
    const { name: worker, host, source } = this.#options
    const { leases, seats } = this.view()
    try {
      const answer = await source.beat({ worker, host, leases, seats: seats.slice(0, limits.enginesMax) })
      for (const lease of answer.lost) for (const lane of this.#lanes.values()) lane.lose(lease)
      return Math.min(againMs.most, Math.max(againMs.least, answer.againMs))
    } catch (error) {
      this.#tell('beat', error)
      return null
    }
  }
}

/** Whether it resolves within so long, ms. @throws what it rejects with, within that time. */
async function isWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController()
  const isEnded = promise.then(() => true)
  const isLate = pause(ms, over.signal).then(() => false)
  return Promise.race([isEnded, isLate]).finally(() => over.abort())
}
