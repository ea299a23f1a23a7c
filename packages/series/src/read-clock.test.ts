import { expect, it } from 'vitest'
import { TemporaryStore } from './temporary-store.fixture.ts'
import type { SeriesQuery } from './types.ts'

const clock = { source: 'job', key: 'loss' }
const gpu = { group: 1, branch: 0, source: 'gpu:*', keys: ['gpu.utilization'] }

/** A step each second from `step` on, beginning at `second`. */
function steps(second: number, [step, length]: [number, number]) {
  const all = Array.from({ length }, (_, at) => at)
  const times = all.map((at) => (second + at) * 1_000)
  const values = [all.map((at) => 1 / (at + 1))]
  return { group: 1, branch: 0, source: 'job', keys: ['loss'], steps: all.map((at) => step + at), times, values }
}

/** One value each at these seconds, which is the second itself; the step that it carries means nothing. */
function samples(seconds: number[]) {
  const times = seconds.map((second) => second * 1_000)
  const source = 'gpu:node/0'
  return { group: 1, branch: 0, source, keys: ['gpu.utilization'], steps: times.map(() => 7), times, values: [seconds] }
}

async function read(store: TemporaryStore['store'], part: Partial<SeriesQuery> = {}) {
  const [answer] = await store.query({ selectors: [gpu], x: 'step', points: 1000, clock, ...part })
  return Array.from(answer!.x, (x, at) => [x, answer!.last[at]])
}

it('points lie at the step at which the job was at their time', async () => {
  await using temporary = await TemporaryStore.open()
  // From step 10 the script goes back to step 5 after an hour.
  await temporary.append([steps(100, [0, 10]), steps(3_700, [5, 10]), samples([90, 100, 104.5, 500, 3_702, 9_000])])
  const { store } = temporary
  expect(await read(store)).toEqual([
    [0, 100],
    [4.5, 104.5],
    [7, 3_702],
    [9, 500],
    [14, 9_000],
  ])
  expect(await read(store, { from: 4, to: 8 })).toEqual([
    [4.5, 104.5],
    [7, 3_702],
  ])
  expect(await read(store, { clock: null })).toEqual([])
})

it('a long line is known by the ends of its blocks, and exactly where steps go back', async () => {
  await using temporary = await TemporaryStore.open()
  const { store } = temporary
  await temporary.append([steps(0, [0, 25_000]), steps(25_000, [20_000, 25_000]), samples([12_345, 24_999, 25_001, 49_999])]) // prettier-ignore
  while (await store.maintain()) continue
  const found = await read(store)
  expect(found.map(([, value]) => value)).toEqual([12_345, 25_001, 24_999, 49_999])
  expect(found.map(([x]) => Math.round(x!))).toEqual([12_345, 20_001, 24_999, 44_999])
})
