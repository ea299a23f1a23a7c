import type { ShardLease, WorkResult, WorkShard } from '@pilothouse/contract'
import type { BatchRequest, RequestResult } from '../request.ts'

/** A request, and where it belongs. */
export type ShardRequest = BatchRequest & { shard: HeldShard; at: number }

/** A shard that this worker has, until each of its requests is delivered or it is lost. */
export class HeldShard {
  readonly lease: ShardLease
  /** Nobody wants what is still made of it. */
  readonly #lost = new AbortController()
  /** What of it has no result gets none any more; results that are there are still delivered. */
  readonly #withdrawn = new AbortController()
  #left: number
  #isBegun = false

  constructor({ batchId, shard, epoch, requests }: WorkShard) {
    this.lease = { batchId, shard, epoch }
    this.#left = requests.length
  }

  /** Its requests as they are sent. They are not kept here: the last of a shard may take hours longer than the others. */
  listRequests({ endpoint: url, requestMs: timeoutMs, requests }: WorkShard): ShardRequest[] {
    const { signal } = this.#withdrawn
    return requests.map(({ at, line, customId, body }) => {
      return { line, customId, url, body, timeoutMs, signal, shard: this, at }
    })
  }

  get isBegun(): boolean {
    return this.#isBegun
  }

  get isDone(): boolean {
    return this.#left === 0
  }

  /** Aborted once it is lost. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** A request of it is sent. */
  begin(): void {
    this.#isBegun = true
  }

  noteDelivered(count: number): void {
    this.#left -= count
  }

  withdraw(): void {
    this.#withdrawn.abort()
  }

  lose(): void {
    this.#lost.abort()
    this.#withdrawn.abort()
  }
}

export function isSameLease(one: ShardLease, other: ShardLease): boolean {
  return one.epoch === other.epoch && isSameShard(one, other)
}

/** Perhaps of another epoch. */
export function isSameShard(one: ShardLease, other: ShardLease): boolean {
  return one.batchId === other.batchId && one.shard === other.shard
}

/** Pure. */
export function groupByShard(
  results: readonly RequestResult<ShardRequest>[],
): Map<HeldShard, RequestResult<ShardRequest>[]> {
  const groups = new Map<HeldShard, RequestResult<ShardRequest>[]>()
  for (const result of results) {
    const { shard } = result.request
    const group = groups.get(shard)
    if (group) group.push(result)
    else groups.set(shard, [result])
  }
  return groups
}

/** As it is delivered; engines are named by their ids here. Pure. */
export function writeResult({ request, outcome, attempts, tookMs, engine }: RequestResult<ShardRequest>): WorkResult {
  return { at: request.at, outcome, attempts, tookMs, engineId: engine === null ? null : Number(engine) }
}
