import { jobHistoryQuery } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestStorage, openTestStorage } from '../storage/test-storage.ts'
import { addHours } from './get-job-history.ts'

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

it('an attempt is shared out without loss', () => {
  const range = { from: 0, until: 10 * hour, parts: 10 }
  const list = Array.from({ length: 10 }, (_, at) => ({
    at,
    completed: 0,
    failed: 0,
    cancelled: 0,
    lost: 0,
    hours: 0,
    gpuHours: 0,
    cost: 0,
    meanDurationMs: null,
  }))
  expect(addHours(list, { started: -hour, ended: 2.5 * hour, gpus: 2, perHour: 3 }, range)).toBe(2.5)
  expect(addHours(list, { started: 9.5 * hour, ended: 99 * hour, gpus: 0, perHour: null }, range)).toBe(0.5)
  expect(list.map(({ hours }) => hours)).toEqual([1, 1, 0.5, 0, 0, 0, 0, 0, 0, 0.5])
  expect(list[1]?.gpuHours).toBe(2)
  expect(list.map(({ cost }) => cost)).toEqual([3, 3, 1.5, 0, 0, 0, 0, 0, 0, 0])
})
