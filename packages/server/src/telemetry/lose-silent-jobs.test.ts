import type { JobsEvent } from '@pilothouse/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestStorage, openTestStorage, pointsOf, waitForUpdate } from '../storage/test-storage.ts'
import { makeLostRule } from './lose-silent-jobs.ts'

const uid = 'job-1'
let test: TestStorage
beforeEach(async () => {
  test = await openTestStorage()
  await test.put(uid)
})
afterEach(() => test.close())

describe('a silent job', () => {
  it('becomes lost by the rule, and a late report revives it', async () => {
    await test.reopen({ lostAfterMs: 200 })
    const stateBecomes = (state: string) =>
      waitForUpdate(test.storage, ({ topic, data }) =>
        topic === 'jobs' ? (data as JobsEvent).jobs.find((card) => card.state === state) : undefined,
      ) // the topic says what it is
    const lost = await stateBecomes('lost')
    expect(lost).toMatchObject({ uid, stateReason: expect.stringMatching(/^No report for /) as unknown })
    expect(lost.endedAt).not.toBeNull()
    await test.reopen() // with time enough to look at it before it would be lost again
    expect((await test.report(uid, { points: [pointsOf({ loss: [1] })] })).state).toBe('running')
    expect(await test.storage.call('jobs.get', { uid })).toMatchObject({
      state: 'running',
      stateReason: null,
      endedAt: null,
    })
  })

  it('ended when its last report was made, not when that was sent', async () => {
    const now = Date.now()
    const dayMs = 86_400_000
    await test.put('job-2', { createdAt: now - 3 * dayMs, state: 'running' })
    const report = (madeAt: number) => test.report('job-2', { sentAt: now, madeAt, points: [pointsOf({ loss: [1] })] })
    await report(now - 2 * dayMs)
    await report(now - 2.5 * dayMs)
    await test.reopen({ lostAfterMs: 100 })
    await expect.poll(async () => (await test.storage.call('jobs.get', { uid: 'job-2' })).state).toBe('lost')
    const { endedAt, startedAt, stateReason } = await test.storage.call('jobs.get', { uid: 'job-2' })
    expect(endedAt).toBeGreaterThanOrEqual(now - 2 * dayMs)
    expect(endedAt).toBeLessThan(now - 2 * dayMs + 60_000)
    expect(startedAt).toBe(now - 3 * dayMs)
    expect(stateReason).toMatch(/^No report for 2 ?d/)
  })
})

it('counts silence from a jump of the clock, not over it', () => {
  const at = { now: 1_000_000, clock: 0 }
  const rule = makeLostRule(900_000, { now: () => at.now, clock: () => at.clock })
  Object.assign(at, { now: 1_010_000, clock: 10_000 })
  expect(rule()).toEqual({ lostAfterMs: 900_000, sinceMs: 1_000_000 })
  Object.assign(at, { now: 4_620_000, clock: 20_000 })
  expect(rule().sinceMs).toBe(4_620_000)
  Object.assign(at, { now: 1_030_000, clock: 30_000 })
  expect(rule().sinceMs).toBe(4_620_000)
})
