/** Which batch a worker gets requests of. Pure. */

export type BatchChoice = {
  id: string
  ownerId: number
  priority: number
  /** When a shard of it was leased last, ms since 1970. */
  servedMs: number
}

/**
 * Those that could be served, the one that comes first in front: of the highest priority, then of the owner who has the fewest
 * shards with workers now, then the one that has waited longest, then the oldest.
 * @param leased shards that are leased, by owner
 */
export function orderBatches(batches: readonly BatchChoice[], leased: ReadonlyMap<number, number>): BatchChoice[] {
  const countOf = ({ ownerId }: BatchChoice): number => leased.get(ownerId) ?? 0
  return batches.toSorted(
    (a, b) =>
      b.priority - a.priority ||
      countOf(a) - countOf(b) ||
      a.servedMs - b.servedMs ||
      (a.id < b.id ? -1 : Number(a.id > b.id)),
  )
}
