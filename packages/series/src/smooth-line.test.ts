import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NaiveStore, smoothExactly, sortInRange } from './naive-store.fixture.ts'
import { chooseWeight, countKept, isNoisy } from './smooth-line.ts'
import { TemporaryStore } from './temporary-store.fixture.ts'
import type { SeriesBlock, SeriesBuckets, SeriesQuery } from './types.ts'

const loss = { group: 1, branch: 0, source: 'job', keys: ['loss'] }

function block(steps: number[], valueOf: (step: number) => number, branch = 0): SeriesBlock {
  const times = steps.map((_, at) => 1_000 + at)
  return { group: 1, branch, source: 'job', keys: ['loss'], steps, times, values: [steps.map(valueOf)] }
}

/** Noise between 0 and 1 that is the same on each run. */
const noise = (step: number): number => Math.abs(Math.sin(step * 12.9898) * 43_758.5453) % 1
const range = (from: number, until: number): number[] => Array.from({ length: until - from }, (_, at) => from + at)

async function query({ store }: TemporaryStore, part: Partial<SeriesQuery>): Promise<SeriesBuckets> {
  const [answer] = await store.query({ selectors: [loss], x: 'step', points: 100, ...part })
  return answer!
}

const pairsOf = ({ xLast, smoothed = new Float64Array(0) }: SeriesBuckets): Map<number, number> =>
  new Map(Array.from(xLast, (x, bucket) => [x, smoothed[bucket] ?? Number.NaN]))

it('is the debiased average over each point and all before it, and passes over what is not finite', async () => {
  await using temporary = await TemporaryStore.open()
  await temporary.append([block([1, 2, 3, 4], (step) => [0, 4, Number.NaN, 1, 1][step]!)])
  await temporary.append([block([5], () => 8)])
  const { smoothed, smoothing } = await query(temporary, { smooth: 0.5 })
  // By hand: 4; then NaN; then (4·½ + 1)/(½ + 1); and so on.
  expect([...smoothed!]).toEqual(
    [4, Number.NaN, 2, (4 * 0.25 + 0.5 + 1) / 1.75, (0.5 + 0.25 + 0.5 + 8) / 1.875].slice(0, 5),
  )
  expect(smoothing).toEqual({ weight: 0.5, mass: 1 - 0.5 ** 4 })
  expect((await query(temporary, {})).smoothed).toBeUndefined()
})

it('gives the same value for the same x at any zoom', async () => {
  await using temporary = await TemporaryStore.open()
  for (let from = 0; from < 60_000; from += 10_000) await temporary.append([block(range(from, from + 10_000), noise)])
  await temporary.maintainAll()
  for (const smooth of [0.5, 0.9, 0.99, 0.999]) {
    const all = smoothExactly(
      range(0, 60_000).map((step) => ({ value: noise(step) })),
      smooth,
    )
    const zooms = [{}, { from: 20_000, to: 50_000 }, { from: 30_000.5, to: 30_777 }, { from: 59_990 }, { points: 3 }]
    for (const zoom of zooms) {
      for (const [x, value] of pairsOf(await query(temporary, { smooth, ...zoom })))
        expect(Math.abs(value - all[x]!)).toBeLessThanOrEqual(1e-3)
    }
  }
})

it('puts steps that a resumed run repeats in order before it averages', async () => {
  await using temporary = await TemporaryStore.open()
  const naive = new NaiveStore()
  const blocks = [block(range(0, 9_000), noise), block(range(4_000, 12_000), (step) => noise(step + 0.5))]
  for (const one of blocks) {
    naive.append([one])
    await temporary.append([one])
    await temporary.maintainAll()
  }
  const sorted = sortInRange(naive.find(1, 0, 'job', 'loss'), { x: 'step' })
  const exact = new Map(smoothExactly(sorted, 0.95).map((value, at) => [sorted[at]!.x, value]))
  for (const part of [{}, { from: 3_900, to: 4_100 }, { from: 8_000, to: 8_500 }, { from: 8_990, points: 5 }]) {
    for (const [x, value] of pairsOf(await query(temporary, { smooth: 0.95, ...part })))
      expect(Math.abs(value - exact.get(x)!)).toBeLessThanOrEqual(1e-3)
  }
})

it('takes the means of buckets where too much would have to be put in order', async () => {
  await using temporary = await TemporaryStore.open({ togetherPointsMax: 5_000 })
  await temporary.append([block(range(0, 9_000), () => 1), block(range(0, 9_000), () => 3)])
  await temporary.maintainAll()
  const { smoothed, smoothing, mean } = await query(temporary, { smooth: 0.9 })
  expect(smoothed!.length).toBe(100)
  for (const value of smoothed!) expect(value).toBeCloseTo(2, 6)
  expect(mean[0]).toBe(2)
  expect(smoothing!.mass).toBeCloseTo(1, 9)
})

it('goes through a branch behind its fork', async () => {
  await using temporary = await TemporaryStore.open()
  await temporary.append([block(range(0, 5_000), noise), block(range(3_000, 6_000), (step) => 5 + noise(step), 1)])
  await temporary.maintainAll()
  const selectors = [
    { ...loss, stepMax: 2_999 },
    { ...loss, branch: 1 },
  ]
  const values = range(0, 6_000).map((step) => ({ value: step < 3_000 ? noise(step) : 5 + noise(step) }))
  const exact = smoothExactly(values, 0.98)
  for (const x of ['step', 'time'] as const) {
    for (const part of [{}, x === 'step' ? { from: 2_990, to: 3_040 } : {}]) {
      const { n, smoothed } = await query(temporary, { selectors, smooth: 0.98, x, ...part })
      expect(n.length).toBeGreaterThan(40)
      if (x === 'time') continue
      for (const [at, value] of pairsOf(await query(temporary, { selectors, smooth: 0.98, ...part })))
        expect(Math.abs(value - exact[at]!)).toBeLessThanOrEqual(6e-3)
      expect(smoothed!.every(Number.isFinite)).toBe(true)
    }
  }
})

it('averages over a metric as axis along the steps', async () => {
  await using temporary = await TemporaryStore.open()
  const steps = range(0, 3_000)
  const tokens = { ...block(steps, (step) => step * 512), keys: ['tokens'] }
  await temporary.append([block(steps, noise), tokens])
  const exact = smoothExactly(
    steps.map((step) => ({ value: noise(step) })),
    0.9,
  )
  for (const part of [{}, { from: 512_000, to: 612_000 }]) {
    const found = pairsOf(await query(temporary, { over: 'tokens', smooth: 0.9, ...part }))
    expect(found.size).toBeGreaterThan(90)
    for (const [x, value] of found) expect(Math.abs(value - exact[x / 512]!)).toBeLessThanOrEqual(1e-3)
  }
})

it('has forgotten all but a thousandth beyond the points that it keeps', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (weight) => {
      expect(weight ** countKept(weight)).toBeLessThanOrEqual(1e-3 + 1e-12)
      expect(weight ** (countKept(weight) - 1)).toBeGreaterThan(1e-3 - 1e-12)
    }),
  )
})

it('chooses by itself a weight that grows with the series, and changes only when it doubles', () => {
  expect(chooseWeight(0.7, 1_000_000)).toBe(0.7)
  expect(chooseWeight('auto', 300)).toBe(chooseWeight('auto', 511))
  expect(chooseWeight('auto', 512)).toBeGreaterThan(chooseWeight('auto', 511))
  expect([100, 1_000, 10_000, 100_000, 10_000_000].map((total) => chooseWeight('auto', total).toFixed(3))).toEqual([
    '0.351',
    '0.877',
    '0.992',
    '0.995',
    '0.995',
  ])
})

it('leaves a curve that is smooth as it is, under auto', async () => {
  await using temporary = await TemporaryStore.open()
  await temporary.append([
    block(range(0, 3_000), noise),
    { ...block(range(0, 3_000), (step) => 1 - step / 3_000), keys: ['lr'] },
  ])
  const weightOf = async (key: string) =>
    (await query(temporary, { selectors: [{ ...loss, keys: [key] }], smooth: 'auto' })).smoothing?.weight
  expect(await weightOf('lr')).toBe(0)
  expect(await weightOf('loss')).toBe(chooseWeight('auto', 3_000))
  expect(isNoisy(Float64Array.from(range(0, 50), (step) => Math.sin(step / 5)))).toBe(false)
  expect(isNoisy(Float64Array.from(range(0, 50), noise))).toBe(true)
})
