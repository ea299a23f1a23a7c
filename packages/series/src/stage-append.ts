/** From blocks to a WAL row, and from there into the heads. */
import { PilothouseError } from '@pilothouse/contract'
import { chunkPoints } from './chunk.ts'
import { addSeries, appendRows, countHead, type Group, makeSeries, nameSource, type Series } from './group.ts'
import { openGroup } from './load-group.ts'
import { type Room, takeNumber } from './room.ts'
import { encodeText } from './text.ts'
import type { SeriesBlock, StagedAppend } from './types.ts'
import { encodeWal } from './wal.ts'

const insertSeries =
  'insert into series (owner, branch, source, key, born) values (?, ?, ?, ?, ?) on conflict (owner, branch, source, key) do nothing returning id'
const findSeries = 'select id, born from series where owner = ? and branch = ? and source = ? and key = ?'
const insertWal = 'insert into wal (seq, data) values (?, ?)'

type StagedBlock = { block: SeriesBlock; group: Group; series: Series[] }

/**
 * Writes the blocks as one WAL row, in the caller's transaction.
 * @throws PilothouseError `invalid` when the columns of a block do not fit together or a step or time is not finite.
 */
export async function stageAppend(room: Room, blocks: readonly SeriesBlock[]): Promise<StagedAppend> {
  const seq = room.nextSeq
  room.nextSeq += 1
  const staged: StagedBlock[] = []
  const made = new Map<string, Promise<Series>>()
  for (const block of blocks) {
    checkBlock(block)
    const group = await openGroup(room, block.group)
    group.staged = seq
    group.writtenAt = room.limits.clock()
    staged.push({ block, group, series: await findAll(room, { group, block, made, seq }) })
  }
  const filled = staged.filter(({ block }) => block.steps.length > 0 && block.keys.length > 0)
  if (filled.length === 0) return { apply: () => listFirsts(staged) }
  const data = encodeWal(filled.map(({ block, series }) => ({ ...block, series: series.map(({ id }) => id) })))
  await room.db.run(insertWal, [seq, data])
  return { apply: () => applyStaged(room, { seq, bytes: data.length }, staged) }
}

type Search = { group: Group; block: SeriesBlock; made: Map<string, Promise<Series>>; seq: number }

async function findAll(room: Room, { group, block, made, seq }: Search): Promise<Series[]> {
  const source = nameSource(block.branch, block.source)
  const known = group.names.get(source)
  const missing = block.keys.filter((key) => !known?.has(key))
  // Together, because a database that is far away answers them all at once.
  const own = await Promise.all(missing.map(async (key) => makeOnce(room, { group, block, made, seq }, key)))
  const fresh = new Map(missing.map((key, at) => [key, own[at]]))
  return block.keys.flatMap((key) => known?.get(key) ?? fresh.get(key) ?? [])
}

/** A series that memory does not have: made by this append, or without a row as long as it has no points. */
function makeOnce(room: Room, { group, block, made, seq }: Search, key: string): Series | Promise<Series> {
  const name = JSON.stringify([group.id, block.branch, block.source, key])
  const known = made.get(name)
  if (known) return known
  if (block.steps.length === 0) return makeSeries(group.id, 0, seq, { ...block, key })
  const series = makeRow(room, block, key, seq)
  made.set(name, series)
  return series
}

/** The row may be there: made by another staged append of the same transaction. The database knows, memory does not yet. */
async function makeRow(room: Room, { group, branch, source }: SeriesBlock, key: string, seq: number): Promise<Series> {
  const name = [group, branch, encodeText(source), encodeText(key)]
  const [inserted] = await room.db.all(insertSeries, [...name, seq])
  if (inserted) return makeSeries(group, takeNumber(inserted, 'id'), seq, { branch, source, key })
  const [found] = await room.db.all(findSeries, name)
  return makeSeries(group, takeNumber(found, 'id'), takeNumber(found, 'born'), { branch, source, key })
}

function applyStaged(room: Room, row: { seq: number; bytes: number }, staged: readonly StagedBlock[]) {
  if (row.seq <= room.appliedSeq)
    throw new Error('Staged appends are applied once each, in the order of their commits.')
  room.appliedSeq = row.seq
  room.wal.push(row)
  room.walBytes += row.bytes
  return staged.map(({ block, group, series }) => {
    const own = block.steps.length === 0 ? series : series.map((one) => adoptSeries(group, one))
    const from = own.map(({ total }) => total)
    applyBlock(room, { group, series: own, seq: row.seq }, block)
    return { block, from }
  })
}

function listFirsts(staged: readonly StagedBlock[]) {
  return staged.map(({ block, series }) => ({ block, from: series.map(({ total }) => total) }))
}

/** The series as memory knows it; from now on that includes one made by this append. */
function adoptSeries(group: Group, series: Series): Series {
  const known = group.series.get(series.id)
  if (known) return known
  addSeries(group, series)
  return series
}

type Place = { group: Group; series: readonly Series[]; seq: number }

/** Adds a committed block to the heads. */
export function applyBlock(
  room: Room,
  { group, series, seq }: Place,
  block: Pick<SeriesBlock, 'steps' | 'times' | 'epochs' | 'values'>,
): void {
  appendRows(series, block, block.values)
  group.applied = seq
  group.dirtyFrom ??= seq
  // A group that was deleted meanwhile is no longer there; its points are not wanted.
  if (room.groups.get(group.id) !== group) return
  room.touched.add(group)
  if (series.some((one) => countHead(one) >= chunkPoints)) room.ripe.add(group)
}

function checkBlock({ keys, steps, times, epochs, values }: SeriesBlock): void {
  const rows = steps.length
  const even =
    times.length === rows && (epochs?.length ?? rows) === rows && values.every(({ length }) => length === rows)
  if (!even || values.length !== keys.length) {
    throw new PilothouseError('invalid', 'The columns of a block of points have different lengths.', {
      expected: `${keys.length} columns of ${rows} values`,
    })
  }
  for (const column of [steps, times]) {
    for (let row = 0; row < rows; row += 1) if (!Number.isFinite(column[row])) throw refuseNumber(column === steps, row)
  }
}

function refuseNumber(isStep: boolean, row: number): PilothouseError {
  const field = `${isStep ? 'steps' : 'times'}[${row}]`
  return new PilothouseError('invalid', `${field} is not a finite number.`, { field, expected: 'a finite number' })
}
