import { limits } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestStorage, openTestStorage, pointsOf } from '../storage/test-storage.ts'

let test: TestStorage
beforeAll(async () => {
  test = await openTestStorage()
})
afterAll(() => test.close())

/** One row of `count` keys in blocks as the SDK makes them. */
function rowOf(count: number, { from = 0, step = 0 }: { from?: number; step?: number } = {}) {
  const names = Array.from({ length: count }, (_, at) => `layer/${from + at}`)
  const blocks = Array.from({ length: Math.ceil(count / 10_000) }, (_, at) =>
    names.slice(at * 10_000, (at + 1) * 10_000),
  )
  return blocks.map((keys) => pointsOf(Object.fromEntries(keys.map((key) => [key, [step]])), { first: step }))
}

it('a job has so many metrics; what is beyond is left out and told, and those known go on', async () => {
  await test.put('many')
  const max = limits.jobSeriesMax
  expect((await test.report('many', { points: rowOf(max - 2) })).leftOut).toBeUndefined()
  const leftOut = [expect.stringContaining(`The job has ${max} metrics`)] as unknown
  const over = await test.report('many', {
    points: [pointsOf({ one: [1], two: [2], 'layer/0': [3], three: [4] }, { first: 1 })],
  })
  expect(over.leftOut).toEqual(leftOut)
  const { metrics } = await test.storage.call('metrics.latest', { uid: 'many', query: { source: 'job' } })
  expect(metrics.length).toBe(max)
  const valueOf = (key: string) => metrics.find((metric) => metric.key === key)?.value
  expect([valueOf('one'), valueOf('two'), valueOf('layer/0'), valueOf('three')]).toEqual([1, 2, 3, undefined])

  await test.reopen()
  const again = await test.report('many', {
    number: 3,
    points: [pointsOf({ four: [1] }), pointsOf({ one: [5] }, { first: 2 })],
  })
  expect(again.leftOut).toEqual(leftOut)
  const { series } = await test.query('many', { key: ['one', 'four'] })
  expect(series.map(({ key, total }) => [key, total])).toEqual([['one', 2]])
  await test.put('other')
  expect((await test.report('other', { points: [pointsOf({ one: [1] })] })).leftOut).toBeUndefined()
})

it('what a job of very many metrics is asked for is answered in good time', async () => {
  await test.put('wide')
  for (let step = 0; step < 3; step += 1) await test.report('wide', { points: rowOf(20_000, { step }) })
  const measure = async (work: () => Promise<unknown>): Promise<number> => {
    const before = performance.now()
    await work()
    return performance.now() - before
  }
  expect(
    await measure(() => test.storage.call('metrics.latest', { uid: 'wide', query: { source: '*' } })),
  ).toBeLessThan(10_000)
  expect(await measure(() => test.query('wide', { key: ['layer/7', 'layer/19999'] }))).toBeLessThan(5_000)
  let answer = await test.query('wide', { key: ['layer/0'] })
  expect(await measure(async () => (answer = await test.query('wide')))).toBeLessThan(20_000)
  expect(answer.series.length).toBe(20_000)
})
