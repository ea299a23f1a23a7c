import { launchSpec } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTestStorage, type TestStorage } from '../storage/test-storage.ts'
import { describeEarlier } from './judge-standing.ts'
import type { KeptLaunch } from './launch-rows.ts'

let test: TestStorage
beforeEach(async () => void (test = await openTestStorage()))
afterEach(() => test.close())

const spec = launchSpec.parse({ target: 'lab', command: ['true'] })
const uid = 'anew'

async function launch(): Promise<KeptLaunch> {
  const { storage, admin } = test
  const own = { uid, name: uid, project: 'default', kind: 'training' as const, spec, recipe: { command: ['true'] } }
  const how = { memberId: admin.memberId, key: null, group: null, target: 'slurm' as const, script: null }
  await storage.call('launches.create', { ...how, launches: [own] })
  const [kept] = await storage.call('launches.open', {})
  return kept ?? expect.fail()
}

const readJob = () => test.storage.call('jobs.get', { uid })

it('attempts before a requeue end as the scheduler says, but those that have said it themselves', async () => {
  const { storage } = test
  const kept = await launch()
  const note = (attempt: number, earlier: ReturnType<typeof describeEarlier> | null = null) =>
    storage.call('launches.note-state', {
      launches: [{ launch: { ...kept, attempt }, patch: {}, earlier }],
      state: 'running',
    })
  await note(1)
  const [first] = (await readJob()).attempts
  const endedAt = (first?.startedAt ?? 0) + 1
  await note(2, describeEarlier({ restarts: 0, cause: 'preempted', exitCode: 143, endedAt }))
  await test.report(uid, { attempt: 2, state: { state: 'failed', at: Date.now(), exitCode: 3 } })
  await note(3, describeEarlier({ restarts: 1, cause: 'requeued', exitCode: 9, endedAt: 1 }))
  // Nobody looked while the fourth one ran.
  await note(5, describeEarlier({ restarts: 3, cause: 'nodeFailure', exitCode: null, endedAt: null }))
  expect((await readJob()).attempts).toMatchObject([
    { state: 'cancelled', exitCode: 143, endedAt, reason: expect.stringMatching(/^Pre-empted by Slurm/) },
    { state: 'failed', exitCode: 3, reason: expect.stringMatching(/back into the queue/) },
    { number: 3, state: 'cancelled', reason: expect.stringMatching(/back into the queue/) },
    { number: 5, state: 'running', reason: null },
  ])
})

it('attempts begin when the target says, not before there was the job or after the one before, nor by the rounding of clocks', async () => {
  const { storage } = test
  const kept = await launch()
  const note = (attempt: number) =>
    storage.call('launches.note-state', { launches: [{ launch: { ...kept, attempt }, patch: {} }], state: 'running' })
  const begin = (attempt: number, startedAt: number) =>
    storage.call('launches.note-start', { launch: { ...kept, attempt }, startedAt })
  await note(1)
  const { createdAt, startedAt: noticedAt } = await readJob()
  await begin(1, (noticedAt ?? 0) - 1_500)
  expect((await readJob()).startedAt).toBe(noticedAt)
  // As if it were noticed late.
  await begin(1, (noticedAt ?? 0) + 60_000)
  expect((await readJob()).startedAt).toBeLessThanOrEqual(Date.now())
  await begin(1, 1_000)
  const { startedAt, attempts } = await readJob()
  expect([Math.abs((startedAt ?? 0) - createdAt) < 2_000, attempts[0]?.startedAt]).toEqual([true, startedAt])
  await note(2)
  await begin(2, 1_000)
  const [first, second] = (await readJob()).attempts
  expect(second?.startedAt).toBeGreaterThanOrEqual(first?.endedAt ?? Infinity)
  expect((await readJob()).startedAt).toBe(startedAt)
  // Nobody has seen it run.
  await storage.call('launches.note-state', {
    launches: [{ launch: { ...kept, attempt: 3 }, patch: {} }],
    state: 'pending',
  })
  expect((await readJob()).attempts[2]?.startedAt).toBeNull()
  await begin(3, Date.now())
  expect((await readJob()).attempts[2]?.startedAt).toEqual(expect.any(Number))
})
