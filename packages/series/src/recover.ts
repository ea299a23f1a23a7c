/**
 * Memory after a start: what the WAL has and tails have not. A tail says up to which WAL row it knows; points that a chunk
 * has already are told by their number, so nothing is doubled and nothing is compared by step. A row that cannot be read is
 * told and set aside under its negative number; what only it had is missing then, and all else is there. Numbers counted
 * without it are put right by the chunks, and written in the same transaction: the next start does not know of it.
 */
import { PilothouseError } from '@pilothouse/contract'
import { countHead, dropSealed, type Group, type Series } from './group.ts'
import { isRipe, type LoadedGroup, loadGroup } from './load-group.ts'
import { flushGroup } from './flush-group.ts'
import { forgetGroup } from './memory.ts'
import { readSealed, refoldBehind, rejoinHead } from './repair.ts'
import { describeSeries, readOrTell, type Room, runSlice, takeBytes, takeNumber } from './room.ts'
import { applyBlock } from './stage-append.ts'
import { decodeWal, type WalBlock } from './wal.ts'

const rowsAtOnce = 16
const readWal = `select seq, data from wal where seq > ? order by seq limit ${rowsAtOnce}`
const readOwner = 'select owner from series where id = ?'
const readAside = 'select coalesce(min(seq), 0) as least from wal where seq < 0'
const setAside = 'update wal set seq = -seq where seq = ?'
const listOwners = 'select distinct owner from series where owner > 0'

/** Brings memory to where it was when the newest row was committed. */
export async function recoverHeads(room: Room): Promise<void> {
  const owners = new Owners(room)
  let seq = -1
  const lost: number[] = []
  for (;;) {
    const rows = await room.db.all(readWal, [seq])
    for (const row of rows) {
      seq = takeNumber(row, 'seq')
      const data = takeBytes(row, 'data')
      const blocks = readOrTell(room, `Row ${seq} of the WAL`, () => decodeWal(data))
      if (blocks) {
        room.wal.push({ seq, bytes: data.length })
        room.walBytes += data.length
      } else {
        lost.push(seq)
      }
      for (const block of blocks ?? []) await replay(room, owners, { block, seq })
    }
    if (rows.length < rowsAtOnce) break
  }
  const [aside] = await room.db.all(readAside)
  room.appliedSeq = Math.max(seq, 0, -takeNumber(aside, 'least'))
  room.nextSeq = room.appliedSeq + 1
  const repaired = await repairGroups(room, owners, { lostRow: lost.length > 0 })
  if (lost.length + repaired.length > 0) await keepRepair(room, repaired, lost)
}

/** Puts numbers right, and returns the groups in which that was to be done. */
async function repairGroups(room: Room, owners: Owners, { lostRow }: { lostRow: boolean }): Promise<Group[]> {
  const repaired: Group[] = []
  for (const { group, uncertain } of owners.groups.values()) {
    if (lostRow || uncertain) {
      for (const series of group.series.values()) await rejoinHead(room, series)
      await refoldBehind(room, group)
      repaired.push(group)
    }
    await dropDoubles(room, group)
  }
  return lostRow ? [...repaired, ...(await repairUnheard(room, owners))] : repaired
}

/** Groups that the rest of the WAL does not speak of: the lost row may have been the only one that did. */
async function repairUnheard(room: Room, owners: Owners): Promise<Group[]> {
  const repaired: Group[] = []
  for (const row of await room.db.all(listOwners)) {
    const owner = takeNumber(row, 'owner')
    if (owners.groups.has(owner)) continue
    const { group } = await loadGroup(room, owner)
    if (await refoldBehind(room, group)) repaired.push(group)
    else forgetGroup(room, group)
  }
  return repaired
}

async function keepRepair(room: Room, groups: readonly Group[], lost: readonly number[]): Promise<void> {
  await runSlice(room, async (slice) => {
    for (const group of groups) await flushGroup(room, slice, group)
    for (const seq of lost) await room.db.run(setAside, [seq])
  })
}

/** Which group a series belongs to. */
class Owners {
  readonly groups = new Map<number, LoadedGroup>()
  readonly #room: Room
  readonly #owners = new Map<number, number | undefined>()

  constructor(room: Room) {
    this.#room = room
  }

  /** Undefined when the series was deleted. */
  async find(series: number): Promise<LoadedGroup | undefined> {
    if (!this.#owners.has(series)) await this.#look(series)
    const owner = this.#owners.get(series)
    return owner === undefined ? undefined : this.groups.get(owner)
  }

  async #look(series: number): Promise<void> {
    const [row] = await this.#room.db.all(readOwner, [series])
    const owner = row ? takeNumber(row, 'owner') : -1
    this.#owners.set(series, owner < 0 ? undefined : owner)
    if (owner < 0 || this.groups.has(owner)) return
    const loaded = await loadGroup(this.#room, owner)
    this.groups.set(owner, loaded)
    for (const id of loaded.group.series.keys()) this.#owners.set(id, owner)
  }
}

async function replay(room: Room, owners: Owners, { block, seq }: { block: WalBlock; seq: number }): Promise<void> {
  for (const id of block.series) {
    const loaded = await owners.find(id)
    if (!loaded) continue
    if (seq > loaded.uptoSeq) replayInto(room, loaded.group, { block, seq })
    return
  }
}

function replayInto(room: Room, group: Group, { block, seq }: { block: WalBlock; seq: number }): void {
  const series: Series[] = []
  const values: ArrayLike<number>[] = []
  block.series.forEach((id, place) => {
    const own = group.series.get(id)
    const column = block.values[place]
    if (!own || !column || own.born > seq) return
    series.push(own)
    values.push(column)
  })
  applyBlock(room, { group, series, seq }, { ...block, values })
}

async function dropDoubles(room: Room, group: Group): Promise<void> {
  for (const series of group.series.values()) {
    if (!series.head) continue
    const sealed = await readSealed(room, series)
    if (sealed > series.total) {
      const why = `its chunks end at point ${sealed}, everything else at ${series.total}`
      throw new PilothouseError('internal', `The heads of ${describeSeries(series)} cannot be rebuilt: ${why}.`)
    }
    if (sealed > series.sealed) dropSealed(series, Math.min(sealed - series.sealed, countHead(series)))
  }
  if (!isRipe(group)) room.ripe.delete(group)
}
