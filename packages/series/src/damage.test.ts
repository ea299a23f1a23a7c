import { expect, it } from 'vitest'
import { TemporaryStore } from './temporary-store.fixture.ts'
import type { SeriesBlock } from './types.ts'

const keys = ['loss', 'lr']

/** Rows whose values say which they are. */
function makeRows(from: number, count: number, group = 1): SeriesBlock {
  const steps = Float64Array.from({ length: count }, (_, row) => from + row)
  const values = keys.map((_, key) => steps.map((step) => step * 10 + key))
  return { group, branch: 0, source: 'job', keys, steps, times: steps.map((step) => 1e12 + step), values }
}

async function openTold() {
  const told: string[] = []
  return { temporary: await TemporaryStore.open({ onDamage: (text) => told.push(text) }), told }
}

/** Flips one bit, or cuts the end off. */
async function damage(
  { database }: TemporaryStore,
  { table, where, how }: { table: string; where: string; how: 'flip' | 'cut' },
): Promise<void> {
  const [row] = await database.all(`select data from ${table} where ${where}`)
  const data = (row!['data'] as Uint8Array).slice() // a blob by the schema
  const middle = data.length >> 1
  data[middle] = (data[middle] ?? 0) ^ 4
  const left = how === 'cut' ? data.slice(0, middle) : data
  await database.run(`update ${table} set data = ? where ${where}`, [left])
}

async function listSteps({ store }: TemporaryStore, group = 1): Promise<number[]> {
  const steps: number[] = []
  for await (const run of store.export([{ group, branch: 0, source: 'job', keys: ['lr'] }])) {
    run.steps.forEach((step, at) => expect(run.values[at]).toBe(step * 10 + 1))
    steps.push(...run.steps)
  }
  return steps
}

const range = (from: number, until: number) => Array.from({ length: until - from }, (_, at) => from + at)

it.each(['flip', 'cut'] as const)(
  'a WAL row damaged by a %s is told and set aside; all others are there',
  async (how) => {
    const { temporary, told } = await openTold()
    await using _ = temporary
    await temporary.append([makeRows(0, 10), makeRows(0, 10, 2)])
    await temporary.append([makeRows(10, 10)])
    await temporary.append([makeRows(20, 10), makeRows(10, 10, 2)])
    await damage(temporary, { table: 'wal', where: 'seq = 2', how })
    await temporary.reopen()
    expect(told).toEqual([expect.stringContaining('Row 2 of the WAL cannot be read')])
    expect(await listSteps(temporary)).toEqual([...range(0, 10), ...range(20, 30)])
    expect(await listSteps(temporary, 2)).toEqual(range(0, 20))
    await temporary.append([makeRows(30, 3_000)])
    await temporary.maintainAll()
    await temporary.store.close()
    await temporary.reopen()
    expect(await listSteps(temporary)).toEqual([...range(0, 10), ...range(20, 3_030)])
    expect(told).toHaveLength(1)
  },
)

it('counts on where the only rows of the WAL are damaged', async () => {
  const { temporary } = await openTold()
  await using _ = temporary
  await temporary.append([makeRows(0, 10)])
  await temporary.store.close()
  await temporary.append([makeRows(10, 5)])
  await temporary.reopen()
  await temporary.database.run('update wal set data = ?', [new Uint8Array(40)])
  await temporary.reopen()
  await temporary.reopen()
  expect(await listSteps(temporary)).toEqual(range(0, 10))
  await temporary.append([makeRows(20, 5)])
  await temporary.reopen()
  expect(await listSteps(temporary)).toEqual([...range(0, 10), ...range(20, 25)])
})

it('a damaged row whose points are in a chunk already loses and doubles nothing', async () => {
  const { temporary, told } = await openTold()
  await using _ = temporary
  for (let from = 0; from < 1_500; from += 300) await temporary.append([makeRows(from, 300)])
  await temporary.maintainAll()
  await damage(temporary, { table: 'wal', where: 'seq = 1', how: 'flip' })
  await temporary.reopen()
  for (let start = 1; start <= 2; start += 1) {
    expect(await listSteps(temporary)).toEqual(range(0, 1_500))
    await temporary.reopen() // which knows nothing of the damage
  }
  expect(told).toHaveLength(1)
  await temporary.append([makeRows(1_500, 2_000)])
  await temporary.maintainAll()
  await temporary.reopen()
  expect(await listSteps(temporary)).toEqual(range(0, 3_500))
})

it('a damaged row that alone knew of a group leaves what the group has in chunks', async () => {
  const { temporary, told } = await openTold()
  await using _ = temporary
  await temporary.append([makeRows(0, 1_400)])
  await temporary.append([makeRows(0, 40, 2)])
  await temporary.maintainAll()
  await damage(temporary, { table: 'wal', where: 'seq = 1', how: 'flip' })
  await temporary.reopen()
  expect(told).toHaveLength(1)
  expect(await listSteps(temporary)).toEqual(range(0, 1_024))
  await temporary.append([makeRows(1_400, 1_200)])
  await temporary.maintainAll()
  await temporary.reopen()
  expect(await listSteps(temporary)).toEqual([...range(0, 1_024), ...range(1_400, 2_600)])
  expect(await listSteps(temporary, 2)).toEqual(range(0, 40))
})

it('a damaged tail loses only what it alone had', async () => {
  const { temporary, told } = await openTold()
  await using _ = temporary
  await temporary.append([makeRows(0, 1_100), makeRows(0, 40, 2)])
  await temporary.maintainAll()
  await temporary.store.close()
  await temporary.append([makeRows(1_100, 20)])
  await damage(temporary, { table: 'tail', where: 'owner = 1', how: 'flip' })
  await temporary.reopen()
  expect(told).toEqual([expect.stringContaining('The tail of group 1 cannot be read')])
  expect(await listSteps(temporary)).toEqual([...range(0, 1_024), ...range(1_100, 1_120)])
  expect(await listSteps(temporary, 2)).toEqual(range(0, 40))
  await temporary.append([makeRows(1_120, 1_500)])
  await temporary.maintainAll()
  await temporary.reopen()
  expect(await listSteps(temporary)).toEqual([...range(0, 1_024), ...range(1_100, 2_620)])
})

it('a damaged summary is put together again from the points', async () => {
  const { temporary, told } = await openTold()
  await using _ = temporary
  await temporary.append([makeRows(0, 2_060)])
  await temporary.maintainAll()
  await temporary.store.close()
  const selectors = [{ group: 1, branch: 0, source: 'job' }]
  const before = await temporary.store.latest(selectors)
  await damage(temporary, { table: 'summary', where: 'owner = 1', how: 'cut' })
  await temporary.reopen()
  expect(await temporary.store.latest(selectors)).toEqual(before)
  expect(await listSteps(temporary)).toEqual(range(0, 2_060))
  expect(told).toEqual([expect.stringContaining('The summary of group 1 cannot be read')])
})
