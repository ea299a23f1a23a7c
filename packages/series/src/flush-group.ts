/** Tail and summary of a group: with them, no WAL row up to the newest is needed for it any more. */
import type { Group, Series } from './group.ts'
import type { Room, Slice } from './room.ts'
import { encodeSummary } from './summary.ts'
import { encodeTail } from './tail.ts'

const putTail =
  'insert into tail (owner, upto_seq, n, data) values (?, ?, ?, ?) on conflict (owner) do update set upto_seq = excluded.upto_seq, n = excluded.n, data = excluded.data'
const putSummary =
  'insert into summary (owner, data) values (?, ?) on conflict (owner) do update set data = excluded.data'

/** `sealing`: points of each head that become chunks in the same transaction. */
export async function flushGroup(
  room: Room,
  slice: Slice,
  group: Group,
  sealing: ReadonlyMap<Series, number> = new Map(),
): Promise<void> {
  const upto = room.appliedSeq
  const { data, points } = encodeTail(group.series.values(), sealing)
  await room.db.run(putTail, [group.id, upto, points, data])
  await room.db.run(putSummary, [group.id, encodeSummary(group.series)])
  slice.after.push(() => {
    group.dirtyFrom = group.applied > upto ? upto + 1 : undefined
  })
}
