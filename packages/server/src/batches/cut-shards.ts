/** A part of the requests of a batch, in the order in which they are sent: what a worker leases at once. */
export type ShardCut = { first: number; count: number }

export const shardRequestsMax = 256
export const shardBytesMax = 4_000_000

/** Cuts requests into shards; one that alone is larger has a shard of its own. `bytes`: of each, in the order of sending. */
export function cutShards(bytes: Iterable<number>): ShardCut[] {
  const shards: ShardCut[] = []
  let shard: ShardCut = { first: 0, count: 0 }
  let sum = 0
  for (const one of bytes) {
    if (shard.count > 0 && (shard.count === shardRequestsMax || sum + one > shardBytesMax)) {
      shards.push(shard)
      shard = { first: shard.first + shard.count, count: 0 }
      sum = 0
    }
    shard.count += 1
    sum += one
  }
  if (shard.count > 0) shards.push(shard)
  return shards
}
