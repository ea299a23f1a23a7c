import { jobHistoryQuery } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestStorage, openTestStorage } from '../storage/test-storage.ts'

const hour = 3_600_000
let test: TestStorage
const now = Date.now()
beforeAll(async () => {
  test = await openTestStorage()
  const ends = { 'done-1': 'completed', 'done-2': 'completed', broken: 'failed', stopped: 'cancelled' } as const
  for (const [uid, state] of Object.entries(ends)) {
    const gpus = [
      { index: 0, name: 'A100' },
      { index: 1, name: 'A100' },
    ]
    await test.put(uid, {
      project: state,
      startedAt: now - 2 * hour,
      createdAt: now - 3 * hour,
      hardware: { host: 'h', gpus, gpuAbsence: null },
    })
    await test.report(uid, { state: { state, at: now } })
  }
  await test.put('going', { startedAt: now - hour, createdAt: now - hour })
})
afterAll(() => test.close())

function read(query: Record<string, unknown> = {}) {
  const asked = { from: now - 4 * hour, until: now + 4 * hour, parts: 8, ...query }
  const input = { query: jobHistoryQuery.parse(asked), onlyUid: null, memberId: test.admin.memberId }
  return test.storage.call('jobs.history', input)
}

it('jobs count where they ended, by outcome', async () => {
  const { parts, total } = await read()
  expect(parts.map(({ completed, failed, cancelled }) => [completed, failed, cancelled])).toEqual([
    ...Array.from({ length: 4 }, () => [0, 0, 0]),
    [2, 1, 1],
    ...Array.from({ length: 3 }, () => [0, 0, 0]),
  ])
  expect(total).toMatchObject({ completed: 2, failed: 1, cancelled: 1, lost: 0, successRate: 2 / 3 })
  expect(total.meanDurationMs).toBeCloseTo(2 * hour, -4)
})

it('hours count where they were spent, times the GPUs, also of what goes on', async () => {
  const { parts, total } = await read()
  expect(parts[2]?.hours).toBeCloseTo(4, 1)
  expect(parts[3]?.hours).toBeCloseTo(5, 1)
  expect(total.hours).toBeCloseTo(9, 1)
  expect(total.gpuHours).toBeCloseTo(16, 1)
})

it('a search and filters choose the jobs', async () => {
  expect((await read({ search: 'status:failed' })).total).toMatchObject({ completed: 0, failed: 1 })
  expect((await read({ project: 'completed' })).total).toMatchObject({ completed: 2, failed: 0, successRate: 1 })
  expect((await read({ from: 0, until: hour })).total).toMatchObject({ completed: 0, successRate: null })
})

it('edges of parts cut attempts, and lose nothing', async () => {
  const { parts, total } = await read({ from: now - 100 * 60_000, until: now - 50 * 60_000 + 0.5, parts: 7 })
  // Four jobs all the time, and one for its last ten minutes.
  expect(total.hours).toBeCloseTo((4 * 50 + 10) / 60, 3)
  expect(total.gpuHours).toBeCloseTo((8 * 50) / 60, 3)
  expect(total.unpricedHours).toBeCloseTo(total.hours, 9)
  for (const { hours } of parts.slice(0, 5)) expect(hours).toBeCloseTo(4 / 8.4, 3)
})
