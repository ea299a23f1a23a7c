/** A control room in the memory of a test: leases with epochs, results once for each request, engines that come and go. */
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  GiveBack,
  Heartbeat,
  HeartbeatAnswer,
  LeaseAnswer,
  LeaseAsk,
  ShardLease,
  WorkDelivered,
  WorkDelivery,
  WorkEngine,
  WorkEngines,
  WorkRequest,
  WorkResult,
} from '@pilothouse/contract'
import { Bell } from './bell.ts'
import type { WorkSource } from './work-source.ts'

type Shard = {
  batchId: string
  model: string
  shard: number
  epoch: number
  worker: string | null
  untilMs: number
  requests: WorkRequest[]
  /** What was taken, by `at`. */
  results: Map<number, WorkResult>
}

type BatchShape = { model?: string; shards?: number; size?: number; promptLength?: number }
type Asked = keyof WorkSource

export class ControlRoom implements WorkSource {
  readonly #leaseMs: number
  readonly #shards: Shard[] = []
  readonly #ended = new Set<string>()
  readonly #bell = new Bell()
  /** What answers, by model. */
  readonly #engines = new Map<string, WorkEngine[]>()
  /** Questions that fail now, and how often each was asked. */
  readonly failing = new Set<Asked>()
  readonly asked: Record<Asked, number> = { lease: 0, deliver: 0, beat: 0, giveBack: 0, engines: 0 }
  readonly beats: Heartbeat[] = []
  readonly given: ShardLease[] = []
  /** Delivered once more, or by who has no lease. */
  repeated = 0
  refused = 0
  largestBytes = 0
  /** A share of all questions, 0 … 1, that fails besides. */
  failingShare = 0
  #drawn = 1
  /** So many next deliveries are taken, and fail nevertheless. */
  losesAnswers = 0
  /** Models that were left out of questions for any. */
  readonly excepts: string[][] = []

  constructor({ leaseMs = 30_000 }: { leaseMs?: number } = {}) {
    this.#leaseMs = leaseMs
  }

  /** A batch of so many shards with so many requests each; prompts are `<id> <at>`. */
  addBatch(id: string, { model = 'm', shards = 1, size = 8, promptLength = 0 }: BatchShape): void {
    for (let shard = 0; shard < shards; shard += 1) {
      const requests = Array.from({ length: size }, (_, at) =>
        writeRequest({ id, model, at: shard * size + at, promptLength }),
      )
      const results = new Map<number, WorkResult>()
      this.#shards.push({ batchId: id, model, shard, epoch: 0, worker: null, untilMs: 0, requests, results })
    }
    this.#bell.ring()
  }

  /** Nobody wants anything of it any more. */
  endBatch(id: string): void {
    this.#ended.add(id)
  }

  /** Leases are over, as if their time had run out. */
  endLeases(): void {
    for (const shard of this.#shards) shard.untilMs = 0
    this.#bell.ring()
  }

  setEngines(model: string, engines: readonly (Partial<WorkEngine> & { id: number; baseUrl: string })[]): void {
    const usual = { name: 'engine', apiKey: null, concurrencyMax: null }
    this.#engines.set(
      model,
      engines.map((engine) => ({ ...usual, ...engine })),
    )
  }

  /** What was taken of a batch, by `at`. */
  resultsOf(id: string): Map<number, WorkResult> {
    return new Map(this.#shards.filter(({ batchId }) => batchId === id).flatMap(({ results }) => [...results]))
  }

  async lease(ask: LeaseAsk, signal: AbortSignal): Promise<LeaseAnswer> {
    this.#note('lease')
    if (ask.model === null) this.excepts.push([...(ask.except ?? [])])
    const over = sleep(ask.waitMs ?? 0, true, { signal })
    let [isOver, found] = [false, this.#find(ask)]
    while (!found && !isOver) {
      isOver = await Promise.race([over, this.#bell.next.then(() => false)])
      found = this.#find(ask)
    }
    over.catch(() => {})
    signal.throwIfAborted()
    return { shard: found ? this.#give(found, ask.worker) : null }
  }

  async deliver(delivery: WorkDelivery): Promise<WorkDelivered> {
    this.largestBytes = Math.max(this.largestBytes, JSON.stringify(delivery).length)
    await Promise.resolve()
    this.#note('deliver')
    const shard = this.#owned(delivery)
    if (!shard || this.#ended.has(delivery.batchId)) {
      this.refused += 1
      return { isLost: true }
    }
    for (const result of delivery.results) {
      if (shard.results.has(result.at)) this.repeated += 1
      else shard.results.set(result.at, result)
    }
    if (this.losesAnswers > 0) {
      this.losesAnswers -= 1
      throw new Error('The connection broke.')
    }
    return { isLost: false }
  }

  async beat(heartbeat: Heartbeat): Promise<HeartbeatAnswer> {
    this.#note('beat')
    this.beats.push(heartbeat)
    const lost = heartbeat.leases.filter((lease) => !this.#owned(lease) || this.#ended.has(lease.batchId))
    for (const lease of heartbeat.leases) {
      const shard = this.#owned(lease)
      if (shard && shard.untilMs > 0) shard.untilMs = Date.now() + this.#leaseMs
    }
    return { lost, againMs: 50 }
  }

  async giveBack({ leases }: GiveBack): Promise<void> {
    this.#note('giveBack')
    this.given.push(...leases)
    for (const lease of leases) {
      const shard = this.#owned(lease)
      if (shard) shard.untilMs = 0
    }
    this.#bell.ring()
  }

  async engines({ model }: { model: string }): Promise<WorkEngines> {
    this.#note('engines')
    return { engines: this.#engines.get(model) ?? [] }
  }

  #note(what: Asked): void {
    this.asked[what] += 1
    if (this.failing.has(what) || this.#draw() < this.failingShare) throw new Error('The control room is away.')
  }

  /** 0 … 1, in the same order in each run (minimal standard generator). */
  #draw(): number {
    this.#drawn = (this.#drawn * 16_807) % 2_147_483_647
    return this.#drawn / 2_147_483_647
  }

  #find({ model, except = [] }: LeaseAsk): Shard | undefined {
    return this.#shards.find(
      (shard) =>
        (model === null ? !except.includes(shard.model) : shard.model === model) &&
        shard.results.size < shard.requests.length &&
        shard.untilMs <= Date.now() &&
        !this.#ended.has(shard.batchId),
    )
  }

  #give(shard: Shard, worker: string): LeaseAnswer['shard'] {
    Object.assign(shard, { epoch: shard.epoch + 1, worker, untilMs: Date.now() + this.#leaseMs })
    const { batchId, epoch, model } = shard
    const requests = shard.requests.filter(({ at }) => !shard.results.has(at))
    const named = { batchId, shard: shard.shard, epoch, model, endpoint: '/v1/chat/completions' }
    return { ...named, leaseMs: this.#leaseMs, requestMs: 20_000, requests }
  }

  #owned({ batchId, shard, epoch }: ShardLease): Shard | undefined {
    return this.#shards.find((one) => one.batchId === batchId && one.shard === shard && one.epoch === epoch)
  }
}

function writeRequest(given: { id: string; model: string; at: number; promptLength: number }): WorkRequest {
  const { id, model, at, promptLength } = given
  const messages = [{ role: 'user', content: `${id} ${at}`.padEnd(promptLength, '.') }]
  return { at, line: at + 1, customId: `${id}-${at}`, body: JSON.stringify({ model, messages, max_tokens: 4 }) }
}
