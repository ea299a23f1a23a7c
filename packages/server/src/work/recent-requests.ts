/** What requests are called that were leased lately, so that their input is not read again with each delivery of results. */
export type RequestName = { line: number; customId: string }

/** Shards; of those leased before them the input is read again. */
const shardsMax = 24

export class RecentRequests {
  /** By shard, the longest ago first; of each by place in the input. */
  readonly #shards = new Map<string, ReadonlyMap<number, RequestName>>()

  note(batchId: string, shard: number, requests: readonly (RequestName & { at: number })[]): void {
    const key = keyOf(batchId, shard)
    this.#shards.delete(key)
    this.#shards.set(key, new Map(requests.map(({ at, line, customId }) => [at, { line, customId }])))
    for (const old of this.#shards.keys()) if (this.#shards.size > shardsMax) this.#shards.delete(old)
  }

  /** In the order of `ats`; null unless all are known. */
  find(batchId: string, shard: number, ats: readonly number[]): RequestName[] | null {
    const known = this.#shards.get(keyOf(batchId, shard))
    const found = ats.flatMap((at) => known?.get(at) ?? [])
    return found.length === ats.length ? found : null
  }
}

function keyOf(batchId: string, shard: number): string {
  return `${batchId} ${shard}`
}
