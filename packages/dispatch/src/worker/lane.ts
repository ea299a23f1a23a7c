/**
 * All that a worker does for one model: leases shards ahead of what is sent, sends their requests to the engines that answer for
 * the model, and delivers results.
 */
import type { ShardLease, WorkDelivered, WorkDelivery, WorkEngine, WorkShard } from '@pilothouse/contract'
import type { RequestResult } from '../request.ts'
import { Dispatch } from '../run/dispatch.ts'
import type { SeatView } from '../run/engine-seat.ts'
import { joinSignals } from '../run/join-signals.ts'
import type { Bell } from './bell.ts'
import { EngineLinks } from './engine-links.ts'
import { groupByShard, HeldShard, isSameLease, isSameShard, type ShardRequest, writeResult } from './held-shard.ts'
import { LeaseAsker } from './lease-asker.ts'
import type { OpenEngine } from './open-engine.ts'
import { pause, waitAfter } from './pause.ts'
import type { TellTrouble } from './tell-trouble.ts'
import type { WorkSource } from './work-source.ts'

export type LaneOptions = {
  model: string
  /** Name of the worker. */
  worker: string
  source: WorkSource
  openEngine: (engine: WorkEngine) => OpenEngine
  now: () => number
  random: () => number
  tell: TellTrouble
  /** Rung whenever leases come and go, or are begun. */
  bell: Bell
  /** Whether the worker may have one lease more. */
  mayLease: () => boolean
  /** How many lanes of the worker share an engine. */
  countLanes: (engineId: number) => number
  /** Other engines than before answer for the model. */
  onEngines: () => void
  onEngineLeft: (view: SeatView) => void
  /** How often engines are asked for, and how long work is waited for before the lane ends, ms. */
  enginesMs: number
  idleMs: number
}

/** Shards of which nothing is sent yet. */
const aheadMax = 2

export class Lane {
  readonly model: string
  readonly #options: LaneOptions
  readonly #held = new Set<HeldShard>()
  readonly #given: WorkShard[] = []
  readonly #links: EngineLinks
  readonly #dispatch: Dispatch<ShardRequest>
  readonly #asker: LeaseAsker
  #asking: Promise<readonly ShardRequest[] | null> | undefined
  /** Nothing more is leased. */
  readonly #leasing = new AbortController()
  readonly #stop = new AbortController()

  constructor(options: LaneOptions) {
    const { model, now, random, onEngineLeft, bell, tell, openEngine } = options
    this.model = model
    this.#options = options
    this.#asker = new LeaseAsker(options)
    const save = async (results: readonly RequestResult<ShardRequest>[]): Promise<void> => this.#save(results)
    this.#dispatch = new Dispatch({ engines: [], save, now, random, onEngineLeft })
    this.#links = new EngineLinks({
      openEngine,
      onSend: ({ shard }) => {
        if (shard.isBegun) return
        shard.begin()
        bell.ring()
      },
      onTrouble: (error) => tell('engines', error),
    })
  }

  get leases(): ShardLease[] {
    return [...this.#held].map(({ lease }) => lease)
  }

  get leaseCount(): number {
    return this.#held.size
  }

  get engineIds(): number[] {
    return this.#links.engineIds
  }

  /** How its engines do. */
  get seats(): SeatView[] {
    return this.#dispatch.view()
  }

  /** A shard that was leased for it elsewhere. */
  give(shard: WorkShard): void {
    this.#given.push(shard)
    this.#options.bell.ring()
  }

  /**
   * Resolves when there was no work for a while, or after `drain` when nothing is under way and all results are delivered.
   * @throws what is a fault of ours, or the reason of `stop`. Leases that it has then are not given back yet.
   */
  async run(): Promise<void> {
    void this.#followEngines()
    try {
      await this.#dispatch.run(this.#readRequests(), this.#stop.signal)
    } finally {
      this.#leasing.abort()
      this.#stop.abort()
      this.#options.bell.ring()
      await this.#asking
      this.#links.set([])
    }
  }

  /** Nothing more is leased and sent; what is under way comes to its end. */
  drain(): void {
    this.#leasing.abort()
    this.#dispatch.drain()
    this.#options.bell.ring()
  }

  /** What is under way is given up; results that are there are still delivered. */
  withdraw(): void {
    for (const shard of this.#held) shard.withdraw()
  }

  /** Everything is given up. */
  stop(): void {
    this.#stop.abort(new Error('The lane is stopped.'))
  }

  /** Leaves its leases to whoever gives them back. */
  surrender(): ShardLease[] {
    const leases = [...this.leases, ...this.#given.splice(0)]
    this.#held.clear()
    return leases
  }

  /** Nobody wants what is still made of this shard. */
  lose(lease: ShardLease): void {
    for (const shard of this.#held) if (isSameLease(shard.lease, lease)) this.#lose(shard)
  }

  /** Asks the engines for as many at once as they may have now. */
  fitEngines(): void {
    this.#dispatch.setEngines(this.#links.list(this.#options.countLanes))
  }

  async *#readRequests(): AsyncGenerator<ShardRequest, void> {
    for (;;) {
      const wasIdle = this.#held.size === 0
      const given = this.#given.shift()
      const requests = given ? this.#hold(given) : await this.#lease()
      if (requests) yield* requests
      else if (this.#leasing.signal.aborted || (wasIdle && this.#given.length === 0)) return
    }
  }

  #hold(shard: WorkShard): readonly ShardRequest[] {
    // It was ours before, and is so again under another epoch: what the old lease brings would be refused.
    for (const old of this.#held) if (isSameShard(old.lease, shard)) this.#lose(old)
    const held = new HeldShard(shard)
    this.#held.add(held)
    return held.listRequests(shard)
  }

  async #lease(): Promise<readonly ShardRequest[] | null> {
    const { bell, mayLease } = this.#options
    const { signal } = this.#leasing
    await bell.until(() => signal.aborted || this.#given.length > 0 || (this.#countAhead() < aheadMax && mayLease()))
    if (signal.aborted || this.#given.length > 0) return null
    this.#asking = this.#ask(signal)
    return this.#asking
  }

  async #ask(signal: AbortSignal): Promise<readonly ShardRequest[] | null> {
    const { model, worker, idleMs: waitMs } = this.#options
    const shard = await this.#asker.ask({ worker, model, waitMs }, signal)
    return shard && this.#hold(shard)
  }

  #countAhead(): number {
    return [...this.#held].filter(({ isBegun }) => !isBegun).length
  }

  async #save(results: readonly RequestResult<ShardRequest>[]): Promise<void> {
    await Promise.all([...groupByShard(results)].map(async ([shard, some]) => this.#deliver(shard, some)))
  }

  /** For as long as it takes, unless nobody wants them any more. */
  async #deliver(shard: HeldShard, results: readonly RequestResult<ShardRequest>[]): Promise<void> {
    const delivery = { ...shard.lease, worker: this.#options.worker, results: results.map(writeResult) }
    const { signal, release } = joinSignals(this.#stop.signal, shard.lost)
    const delivered = await this.#deliverUntil(delivery, signal).finally(release)
    if (delivered?.isLost) this.#lose(shard)
    if (!delivered) return
    shard.noteDelivered(results.length)
    if (shard.isDone) this.#forget(shard)
  }

  async #deliverUntil(delivery: WorkDelivery, signal: AbortSignal): Promise<WorkDelivered | null> {
    const { source, tell, random } = this.#options
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        return await source.deliver(delivery)
      } catch (error) {
        tell('deliver', error)
        await pause(waitAfter(failures, random()), signal)
      }
    }
    return null
  }

  #lose(shard: HeldShard): void {
    this.#forget(shard)
    shard.lose()
  }

  #forget(shard: HeldShard): void {
    this.#held.delete(shard)
    this.#options.bell.ring()
  }

  async #followEngines(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#askForEngines()
      await pause(this.#options.enginesMs, signal)
    }
  }

  /** Where it cannot be asked for, those that were there answer on. */
  async #askForEngines(): Promise<void> {
    const { source, model, tell, onEngines } = this.#options
    try {
      const { engines } = await source.engines({ model })
      if (this.#stop.signal.aborted) return
      this.#links.set(engines)
      this.fitEngines()
      onEngines()
    } catch (error) {
      tell('engines', error)
    }
  }
}
