import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  bucketExactly,
  NaiveStore,
  smoothExactly,
  type NaiveBucket,
  type NaivePoint,
  sortInRange,
  summarise,
} from './naive-store.fixture.ts'
import type { SeriesOptions } from './room.ts'
import { TemporaryStore } from './temporary-store.fixture.ts'
import type { SeriesBlock, SeriesBuckets, SeriesPoints, SeriesQuery } from './types.ts'

/** Other ones each time; `SERIES_RUNS=1000` looks for long. */
const numRuns = Number(process.env['SERIES_RUNS'] ?? 30)

const special = [Number.NaN, Infinity, -Infinity, 0, -0, 1e300, 5e-324, 0.1, 123.456, 2 ** 53]
const number = fc.oneof(
  { weight: 4, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }) },
  { weight: 2, arbitrary: fc.integer({ min: -5, max: 5 }) },
  { weight: 1, arbitrary: fc.constantFrom(...special) },
)
const keys = ['loss', 'lr', '', 'x\0y', '…"\'\\0', '🚂', '\ud800']
const sources = ['job', 'gpu:a/0', 'gpu:a/1', 'host:a']

/** How the steps of a block go on from the last one. */
const shape = fc.record({
  group: fc.integer({ min: 1, max: 3 }),
  branch: fc.integer({ min: 0, max: 1 }),
  source: fc.constantFrom(...sources),
  keys: fc.uniqueArray(fc.constantFrom(...keys), { minLength: 1, maxLength: 4 }),
  rows: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 1500 })),
  stride: fc.constantFrom(1, 1, 1, 10, 0.5, 0, -3),
  jump: fc.constantFrom(1, 1, 1, 0, -200, 1000),
  shuffle: fc.constantFrom(false, false, false, true),
  epochs: fc.constantFrom('none', 'none', 'all', 'some'),
  values: fc.array(number, { minLength: 1, maxLength: 30 }),
  noise: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
})
type Shape = typeof shape extends fc.Arbitrary<infer One> ? One : never

const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      shapes: fc.array(shape, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('rollback' as const),
      shapes: fc.array(shape, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('maintain' as const), budgetMs: fc.constantFrom(0, 1, 50) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reopen' as const), flush: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      group: fc.integer({ min: 1, max: 3 }),
      budgetMs: fc.constantFrom(0, Infinity),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      group: fc.integer({ min: 1, max: 3 }),
      budgetMs: fc.constantFrom(0, Infinity),
    }),
  },
)

it('answers like a list of all points, whatever happens in between', async () => {
  type Action = typeof action extends fc.Arbitrary<infer One> ? One : never
  const run = async (actions: Action[], points: number, limits: SeriesOptions) => {
    await using temporary = await TemporaryStore.open(limits)
    const naive = new NaiveStore()
    const clocks = new Map<string, number>()
    for (const one of actions) {
      switch (one.do) {
        case 'append': {
          const blocks = one.shapes.map((each) => makeBlock(each, clocks))
          const expected = blocks.map((block) => countBefore(naive, block, () => naive.append([block])))
          expect(await temporary.append(blocks)).toEqual(expected)
          break
        }
        case 'rollback': {
          const blocks = one.shapes.map((each) => makeBlock(each, new Map(clocks)))
          const failing = temporary.database.transaction(async () => {
            await temporary.store.stage(blocks)
            throw new Error('rolled back')
          })
          await expect(failing).rejects.toThrow('rolled back')
          break
        }
        case 'maintain':
          await temporary.store.maintain({ budgetMs: one.budgetMs })
          break
        case 'reopen':
          if (one.flush) await temporary.store.close()
          await temporary.reopen()
          break
        case 'finish':
          await temporary.store.finish(one.group, { budgetMs: one.budgetMs })
          break
        case 'delete':
          await temporary.store.delete(one.group, { budgetMs: one.budgetMs })
          naive.delete(one.group)
          break
        default:
          one satisfies never
      }
    }
    await compareAll(temporary, naive, points)
    await temporary.maintainAll()
    await compareAll(temporary, naive, points)
    await temporary.reopen()
    await compareAll(temporary, naive, points)
  }
  const actions = fc.array(action, { minLength: 1, maxLength: 14 })
  const points = fc.constantFrom(1, 3, 17, 200, 5000)
  const limits = fc.record({
    headBytesMax: fc.constantFrom(30_000, 100_000_000),
    walBytesMax: fc.constantFrom(3_000, 40_000),
    indexBytesMax: fc.constantFrom(20_000, 100_000_000),
  })
  await fc.assert(fc.asyncProperty(actions, points, limits, run), { numRuns })
}, 600_000)

function makeBlock(one: Shape, clocks: Map<string, number>): SeriesBlock {
  const clock = `${one.group}/${one.branch}/${one.source}`
  let step = (clocks.get(clock) ?? 0) + one.jump
  let state = one.seed
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  const steps = Array.from({ length: one.rows }, () => (step += one.stride))
  clocks.set(clock, step)
  if (one.shuffle) steps.sort(() => random() - 0.5)
  const values = one.keys.map((_, column) =>
    steps.map((_, row) => (one.noise ? Math.fround(random()) : (one.values[(row + column) % one.values.length] ?? 0))),
  )
  const epochs = steps.map((at, row) => (one.epochs === 'some' && row % 7 === 0 ? Number.NaN : at / 100))
  return {
    group: one.group,
    branch: one.branch,
    source: one.source,
    keys: one.keys,
    steps,
    times: steps.map((at, row) => 1_700_000_000_000 + at * 50 + (row % 3)),
    ...(one.epochs === 'none' ? {} : { epochs }),
    values,
  }
}

function countBefore(
  naive: NaiveStore,
  { group, branch, source, keys: names }: SeriesBlock,
  then: () => void,
): number[] {
  const counts = names.map((key) => naive.find(group, branch, source, key).length)
  then()
  return counts
}

async function compareAll({ store }: TemporaryStore, naive: NaiveStore, points: number): Promise<void> {
  for (const [name, expected] of naive.series) {
    const [group, branch, source, key] = JSON.parse(name) as [number, number, string, string]
    const selectors = [{ group, branch, source, keys: [key] }]
    const runs = await collect(store.export(selectors))
    expectNone(listDifferent(runs.flatMap(unfoldRun), expected, isSamePoint))
    const [latest] = await store.latest(selectors)
    expect(latest).toEqual(expected.length === 0 ? undefined : { branch, source, key, ...summariseAll(expected) })
    for (const query of listQueries(expected, points)) {
      const [answer] = await store.query({ selectors, ...query })
      compareAnswer(answer, expected, query)
    }
  }
}

function listQueries(points: readonly NaivePoint[], buckets: number): Omit<SeriesQuery, 'selectors'>[] {
  const middle = points[Math.floor(points.length / 2)]
  const early = points[Math.floor(points.length / 5)]
  return (['step', 'time', 'epoch'] as const).flatMap((x) => [
    { x, points: buckets, smooth: 0.9 },
    ...(middle && early ? [{ x, points: buckets, from: early[x], to: middle[x], smooth: 0.995 }] : []),
  ])
}

function compareAnswer(
  answer: SeriesBuckets | undefined,
  all: readonly NaivePoint[],
  query: Omit<SeriesQuery, 'selectors'>,
): void {
  if (all.length === 0) {
    expect(answer).toBeUndefined()
    return
  }
  const sorted = sortInRange(all, query)
  expect(answer?.total).toBe(all.length)
  expect(answer?.count).toBe(sorted.length)
  const found = answer ? listBuckets(answer) : []
  if (answer) compareSmoothed(answer, all, query)
  const exact = bucketExactly(sorted, query.points)
  if (sorted.length < query.points * 256) return compareBuckets(found, exact)
  // Long series: buckets follow the points in order, exact for the points that they hold.
  let from = 0
  const partition = found.map(({ n }) => summarise(sorted.slice(from, (from += n))))
  expect(from).toBe(sorted.length)
  compareBuckets(found, partition)
}

/** Each bucket has the average over everything up to its last point. */
function compareSmoothed(
  { n, nonFinite, smoothed = new Float64Array(0) }: SeriesBuckets,
  all: readonly NaivePoint[],
  { x, from, to, smooth }: Omit<SeriesQuery, 'selectors'>,
): void {
  const sorted = sortInRange(all, { x, from: -Infinity, to: to ?? Infinity })
  const exact = smoothExactly(sorted, typeof smooth === 'number' ? smooth : 0)
  const finite = sorted.map(({ value }) => value).filter(Number.isFinite)
  const room = 1e-3 * (Math.max(...finite) - Math.min(...finite)) + 1e-9 * Math.max(...finite.map(Math.abs))
  let place = sorted.filter((point) => point.x < (from ?? -Infinity)).length - 1
  expect(smoothed.length).toBe(n.length)
  const wanted = Array.from(n, (count, bucket) => {
    place += count
    return count === nonFinite[bucket] ? Number.NaN : exact[place]!
  })
  const isNear = (value: number, one: number): boolean =>
    Number.isNaN(one) ? Number.isNaN(value) : Math.abs(value - one) <= room
  expectNone(listDifferent(Array.from(smoothed), wanted, isNear))
}

function compareBuckets(found: readonly NaiveBucket[], expected: readonly NaiveBucket[]): void {
  expectNone(listDifferent(found, expected, isSameBucket))
}

const exactly = ['x', 'xLast', 'first', 'last', 'n', 'nonFinite'] as const

function isSameBucket(found: NaiveBucket, expected: NaiveBucket): boolean {
  const { mean, min, max } = expected
  const room = 1e-9 * Math.max(Math.abs(min), Math.abs(max))
  return (
    exactly.every((column) => Object.is(found[column], expected[column])) &&
    // Zeros of both signs are equally small.
    Object.is(found.min + 0, min + 0) &&
    Object.is(found.max + 0, max + 0) &&
    (Number.isFinite(mean) ? Math.abs(found.mean - mean) <= room : Object.is(found.mean, mean))
  )
}

function isSamePoint(found: NaivePoint, expected: NaivePoint): boolean {
  return (['step', 'time', 'epoch', 'value'] as const).every((column) => Object.is(found[column], expected[column]))
}

type Different<One> = { place: number; found: One | undefined; expected: One | undefined }

/** Places at which two lists differ, a few: an assertion for each of thousands of buckets would take most of the time. */
function listDifferent<One>(
  found: readonly One[],
  expected: readonly One[],
  isSame: (one: One, other: One) => boolean,
): Different<One>[] {
  const different: Different<One>[] = []
  for (let place = 0; place < Math.max(found.length, expected.length) && different.length < 5; place += 1) {
    const [one, other] = [found[place], expected[place]]
    if (one === undefined || other === undefined || !isSame(one, other))
      different.push({ place, found: one, expected: other })
  }
  return different
}

function expectNone(different: readonly unknown[]): void {
  expect(different).toEqual([])
}

function listBuckets({ x, xLast, first, last, min, max, mean, n, nonFinite }: SeriesBuckets): NaiveBucket[] {
  const take = (column: Float64Array, place: number) => column[place] ?? 0
  return Array.from(x, (_, place) => ({
    x: take(x, place),
    xLast: take(xLast, place),
    first: take(first, place),
    last: take(last, place),
    min: take(min, place),
    max: take(max, place),
    mean: take(mean, place),
    n: take(n, place),
    nonFinite: take(nonFinite, place),
  }))
}

function summariseAll(points: readonly NaivePoint[]) {
  const last = points.at(-1)!
  const finite = points.filter(({ value }) => Number.isFinite(value))
  const min = finite.reduce<NaivePoint | undefined>(
    (best, one) => (best && best.value <= one.value ? best : one),
    undefined,
  )
  const max = finite.reduce<NaivePoint | undefined>(
    (best, one) => (best && best.value >= one.value ? best : one),
    undefined,
  )
  return {
    total: points.length,
    ...last,
    min: min?.value ?? Number.NaN,
    minStep: min?.step ?? Number.NaN,
    max: max?.value ?? Number.NaN,
    maxStep: max?.step ?? Number.NaN,
    nonFinite: points.length - finite.length,
  }
}

function unfoldRun({ steps, times, epochs, values }: SeriesPoints): NaivePoint[] {
  return Array.from(steps, (step, row) => ({ step, time: times[row]!, epoch: epochs[row]!, value: values[row]! }))
}

async function collect<One>(all: AsyncIterable<One>): Promise<One[]> {
  const list: One[] = []
  for await (const one of all) list.push(one)
  return list
}
