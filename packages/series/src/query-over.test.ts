import { placeOnAxis } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { bucketExactly } from './naive-store.fixture.ts'
import { TemporaryStore } from './temporary-store.fixture.ts'
import type { SeriesBlock, SeriesBuckets, SeriesQuery, SeriesStore } from './types.ts'

const loss = { group: 1, branch: 0, source: 'job', keys: ['loss'] }

/** Rows of one log call each: its step, and a number under each key. */
function block(columns: Record<string, number[]>, steps: number[], part: Partial<SeriesBlock> = {}): SeriesBlock {
  const times = steps.map((_, at) => 1_000 + at)
  return {
    group: 1,
    branch: 0,
    source: 'job',
    keys: Object.keys(columns),
    steps,
    times,
    values: Object.values(columns),
    ...part,
  }
}

async function queryOver(store: SeriesStore, part: Partial<SeriesQuery> = {}): Promise<SeriesBuckets> {
  const [answer] = await store.query({ selectors: [loss], x: 'step', over: 'tokens', points: 1000, ...part })
  return answer!
}

const pairsOf = ({ x, last }: SeriesBuckets) => Array.from(x, (at, place) => [at, last[place]])
const count = (length: number) => Array.from({ length }, (_, at) => at)

it('draws over the value of the same call, and over the last one before it', async () => {
  await using temporary = await TemporaryStore.open()
  const { store } = temporary
  await temporary.append([
    block({ loss: [9] }, [0]),
    block({ loss: [8, 7], tokens: [100, 250] }, [1, 2]),
    block({ loss: [6] }, [3]),
    block({ tokens: [400] }, [4]),
    block({ loss: [5] }, [4]),
  ])
  const answer = await queryOver(store)
  expect(pairsOf(answer)).toEqual([
    [100, 8],
    [250, 7],
    [250, 6],
    [400, 5],
  ])
  expect(answer).toMatchObject({ total: 5, count: 4 })
})

it('puts points in order of an axis that goes back, and leaves out those at NaN', async () => {
  await using temporary = await TemporaryStore.open()
  const { store } = temporary
  await temporary.append([block({ loss: [1, 2, 3, 4], tokens: [30, 10, Number.NaN, 20] }, [1, 2, 3, 4])])
  expect(pairsOf(await queryOver(store))).toEqual([
    [10, 2],
    [20, 4],
    [30, 1],
  ])
  expect(pairsOf(await queryOver(store, { from: 15, to: 30 }))).toEqual([
    [20, 4],
    [30, 1],
  ])
  expect(pairsOf(await queryOver(store, { from: 31 }))).toEqual([])
})

it('goes on behind a resume that repeats steps, and in a branch behind its fork', async () => {
  await using temporary = await TemporaryStore.open()
  const { store } = temporary
  await temporary.append([block({ loss: [1, 2, 3], tokens: [10, 20, 30] }, [1, 2, 3])])
  await temporary.append([block({ loss: [4, 5], tokens: [21, 31] }, [2, 3])])
  expect(pairsOf(await queryOver(store))).toEqual([
    [10, 1],
    [20, 2],
    [21, 4],
    [30, 3],
    [31, 5],
  ])
  await temporary.append([block({ loss: [6], tokens: [15] }, [2], { branch: 1 })])
  const selectors = [
    { ...loss, stepMax: 1 },
    { ...loss, branch: 1 },
  ]
  expect(pairsOf(await queryOver(store, { selectors }))).toEqual([
    [10, 1],
    [15, 6],
  ])
})

it('has nothing to draw without the axis, and knows it for each source by itself', async () => {
  await using temporary = await TemporaryStore.open()
  const { store } = temporary
  await temporary.append([block({ loss: [1] }, [1]), block({ loss: [2], tokens: [7] }, [1], { source: 'rank:1' })])
  const answers = await store.query({ selectors: [{ ...loss, source: '*' }], x: 'step', over: 'tokens', points: 10 })
  expect(answers.map((one) => [one.source, one.total, pairsOf(one)])).toEqual([
    ['job', 1, []],
    ['rank:1', 1, [[7, 2]]],
  ])
})

it('thins as other axes do, sealed or not', async () => {
  await using temporary = await TemporaryStore.open()
  const { store } = temporary
  const rows = count(9_000)
  const values = rows.map((row) => (row % 97 === 0 ? Number.NaN : Math.sin(row)))
  const tokens = rows.map((row) => (row * 7_919) % 9_001)
  await temporary.append([block({ loss: values, tokens }, rows)])
  const placed = [...placeOnAxis(rows, { steps: rows, values: tokens })]
  const sorted = placed.map((x, row) => ({ x, value: values[row] ?? 0 })).toSorted((one, other) => one.x - other.x)
  for (const points of [10_000, 500, 7, 1]) {
    const expected = bucketExactly(sorted, points)
    const answer = await queryOver(store, { points })
    for (const column of ['x', 'xLast', 'first', 'last', 'min', 'max', 'n', 'nonFinite'] as const) {
      expect([...answer[column]]).toEqual(expected.map((bucket) => bucket[column]))
    }
    // NaN where no value is finite, in both.
    expected.forEach(({ mean }, at) => expect(Math.abs((answer.mean[at] ?? 0) - mean) > 1e-9).toBe(false))
    await temporary.maintainAll()
  }
})

it('stays near the truth for long series, and shows more of a part', async () => {
  await using temporary = await TemporaryStore.open()
  const { store } = temporary
  const length = 300_000
  const rows = count(length)
  const values = rows.map((row) => row / length)
  await temporary.append([block({ loss: values, tokens: rows.map((row) => row * 512) }, rows)])
  await temporary.maintainAll()
  const whole = await queryOver(store, { points: 1_000 })
  expect(whole.count).toBe(length)
  expect(whole.x.length).toBe(1_000)
  whole.x.forEach((x, at) => expect(Math.abs((whole.first[at] ?? 0) - x / 512 / length)).toBeLessThan(1 / 10_000))
  const part = await queryOver(store, { from: 512 * 100_000, to: 512 * 101_000, points: 2_000 })
  expect(Math.abs(part.count - 1_001)).toBeLessThan(20)
  part.x.forEach((x, at) => expect(Math.abs((part.first[at] ?? 0) - x / 512 / length)).toBeLessThan(2 / length))
})
