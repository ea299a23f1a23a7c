import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestStorage, openTestStorage } from '../storage/test-storage.ts'

let test: TestStorage
beforeAll(async () => {
  test = await openTestStorage()
})
afterAll(() => test.close())

const gpu = 'gpu:node/0'

/** One value for each of these times; machines know no steps, so theirs say nothing. */
function measure(times: number[]) {
  return { source: gpu, keys: ['gpu.utilization'], steps: times.map(() => 0), times, values: [times] }
}

function train(times: number[], steps: number[], key = 'loss') {
  return { source: 'job', keys: [key], steps, times, values: [steps.map(() => 1)] }
}

async function ask(uid: string, more: Parameters<TestStorage['query']>[1] = {}) {
  const { series } = await test.query(uid, { source: 'gpu:*', by: 'time', ...more })
  return series.flatMap(({ x, last }) => Array.from(x, (place, at) => [place, last[at]]))
}

it('what is measured of machines lies at the step or epoch at which the job was', async () => {
  await test.put('placed')
  const epochs = [0, 0.5, 1]
  await test.report('placed', {
    points: [
      { ...train([1_000, 2_000, 3_000], [10, 20, 30]), epochs },
      // Rarer ones say less of when it was where.
      train([3_000], [30], 'val/loss'),
      measure([500, 1_500, 2_000, 9_000]),
    ],
  })
  const [before, ...placed] = [500, 1_500, 2_000, 9_000]
  expect(await ask('placed')).toEqual([15, 20, 30].map((step, at) => [step, placed[at]]))
  expect(await ask('placed', { x: 'epoch' })).toEqual([0.25, 0.5, 1].map((epoch, at) => [epoch, placed[at]]))
  expect(await ask('placed', { from: 18, to: 25 })).toEqual([[20, 2_000]])
  // Times are known by themselves, and without the wish points lie at what they carry.
  expect((await ask('placed', { x: 'wall' })).map(([, value]) => value)).toContain(before)
  expect((await test.query('placed', { source: 'gpu:*' })).series[0]?.x[0]).toBe(0)
})

it('while the job has logged nothing, nothing has a place', async () => {
  await test.put('silent')
  await test.report('silent', { points: [measure([1_000, 2_000])] })
  expect(await ask('silent')).toEqual([])
})
