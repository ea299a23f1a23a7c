import { type JobCard, jobQuery } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../storage/operation.ts'
import { type TestStorage, linesOf, openTestStorage, pointsOf } from '../storage/test-storage.ts'

let test: TestStorage
beforeAll(async () => {
  test = await openTestStorage()
})
afterAll(() => test.close())

const list = (query: Record<string, unknown> = {}, more: { ended?: boolean; onlyUid?: string } = {}) =>
  test.storage.call('jobs.list', { query: jobQuery.parse(query), onlyUid: null, ...more })
const get = (uid: string) => test.storage.call('jobs.get', { uid })
const uids = (jobs: readonly JobCard[]) => jobs.map(({ uid }) => uid)
const other: Actor = { memberId: 77, all: false, jobUid: null }

describe('putting a job', () => {
  it('twice changes nothing', async () => {
    const body = { name: 'n', config: { lr: 1 }, attempt: { claim: 'process:h/b/1/2', host: 'h', pid: 1 } }
    const first = await test.put('put-1', body)
    const before = await get('put-1')
    expect({ ...(await test.put('put-1', body)), serverTime: 0 }).toEqual({ ...first, serverTime: 0 })
    expect(await get('put-1')).toEqual(before)
    expect(before.attempts).toMatchObject([
      { number: 1, claim: 'process:h/b/1/2', host: 'h', pid: 1, state: 'running' },
    ])
  })

  it('with a new claim opens a new attempt, and keeps the name that its owner gave it', async () => {
    await test.put('put-2', { name: 'old', attempt: { claim: 'a' } })
    await test.storage.call('jobs.edit', { uid: 'put-2', patch: { name: 'renamed' }, actor: test.admin })
    await test.report('put-2', { state: { state: 'failed', at: Date.now(), exitCode: 1 } })
    expect(await test.put('put-2', { name: 'old', config: { lr: 2 }, attempt: { claim: 'b' } })).toMatchObject({
      attempt: 2,
    })
    expect(await get('put-2')).toMatchObject({
      name: 'renamed',
      state: 'running',
      attempt: 2,
      error: null,
      endedAt: null,
      config: { lr: 2 },
      attempts: [{ state: 'failed' }, { state: 'running' }],
    })
  })

  it('merges a late claim into the attempt that waits for its process', async () => {
    await test.put('put-3', { state: 'pending', stages: ['load', 'train'] })
    expect(await test.put('put-3', { attempt: { claim: 'slurm:c/5/0' }, model: 'm' })).toMatchObject({ attempt: 1 })
    expect(await get('put-3')).toMatchObject({
      state: 'running',
      model: 'm',
      attempts: [{ claim: 'slurm:c/5/0' }],
      stages: [{ name: 'load' }, { name: 'train' }],
    })
  })

  it('under another uid leads to the job whose attempt under way has the claim', async () => {
    await test.put('put-4', { attempt: { claim: 'known' } })
    expect(await test.put('put-5', { attempt: { claim: 'known' } })).toMatchObject({ uid: 'put-4', attempt: 1 })
    await expect(get('put-5')).rejects.toMatchObject({ code: 'notFound' })
  })

  it('after the one before has ended makes a job of its own, in the same process, too', async () => {
    await test.put('put-11', { attempt: { claim: 'process' } })
    await test.report('put-11', { state: { state: 'completed', at: Date.now() } })
    expect(await test.put('put-12', { attempt: { claim: 'process' } })).toMatchObject({ uid: 'put-12', attempt: 1 })
    // Both may be told again, as a reporter does that was cut off.
    expect(await test.put('put-11', { attempt: { claim: 'process' } })).toMatchObject({ uid: 'put-11', attempt: 1 })
    expect(await test.put('put-12', { attempt: { claim: 'process' } })).toMatchObject({ uid: 'put-12', attempt: 1 })
    expect(await get('put-11')).toMatchObject({ state: 'completed', attempts: [{ number: 1 }] })
  })

  it('leads every rank of a distributed job to its attempt, also when that has ended already', async () => {
    const claim = 'torchrun:run/0'
    await test.put('rank-2', { attempt: { claim, lasting: true, host: 'h', pid: 12 } })
    await test.report('rank-2', {
      state: { state: 'failed', at: Date.now(), rank: 2, error: { type: 'E', message: 'm' } },
    })
    expect(await test.put('rank-0', { attempt: { claim, lasting: true, host: 'h', pid: 10 } })).toMatchObject({
      uid: 'rank-2',
      attempt: 1,
    })
    expect(await get('rank-2')).toMatchObject({ state: 'failed', attempts: [{ claim }], errorMessage: 'Rank 2: m' })
  })

  it('leads another rank to the attempt that it was part of, and to none that ended before it began', async () => {
    const claim = 'torchrun:meeting/node/0'
    const createdAt = Date.now() - 60_000
    await test.put('first', { createdAt, attempt: { claim, host: 'h', pid: 10 } })
    const other = { claim, host: 'h', pid: 11, rank: 1 }
    expect(await test.put('second', { createdAt, attempt: other })).toMatchObject({ uid: 'first', attempt: 1 })
    await test.report('first', { state: { state: 'failed', at: Date.now(), error: { type: 'E', message: 'm' } } })
    expect(await test.put('third', { createdAt, attempt: other })).toMatchObject({ uid: 'first', attempt: 1 })
    const later = { createdAt: Date.now() + 60_000, attempt: other }
    expect(await test.put('next-run', later)).toMatchObject({ uid: 'next-run', attempt: 1 })
  })

  it('after a requeue opens another attempt of the job that it goes on with', async () => {
    await test.put('queue-1', { name: 'n', attempt: { claim: 'slurm:c/9/0' } })
    await test.report('queue-1', { state: { state: 'cancelled', at: Date.now(), signal: 'SIGTERM' } })
    const attempt = { claim: 'slurm:c/9/1', after: 'slurm:c/9/0' }
    expect(await test.put('queue-2', { attempt })).toMatchObject({ uid: 'queue-1', attempt: 2 })
    expect(await test.put('queue-2', { attempt })).toMatchObject({ uid: 'queue-1', attempt: 2 })
    expect(await get('queue-1')).toMatchObject({ state: 'running', attempts: [{ state: 'cancelled' }, { number: 2 }] })
  })

  it('does not go on with a job that has completed', async () => {
    await test.put('queue-3', { attempt: { claim: 'slurm:c/10/0' } })
    await test.report('queue-3', { state: { state: 'completed', at: Date.now() } })
    const attempt = { claim: 'slurm:c/10/1', after: 'slurm:c/10/0' }
    expect(await test.put('queue-4', { attempt })).toMatchObject({ uid: 'queue-4', attempt: 1 })
  })

  it('tells scripts apart that run side by side in one entry of a scheduler', async () => {
    const claim = 'slurm:c/11/0'
    await test.put('side-1', { attempt: { claim, host: 'h', pid: 1 } })
    expect(await test.put('side-2', { attempt: { claim, host: 'h', pid: 2 } })).toMatchObject({ uid: 'side-2' })
    expect(await test.put('side-3', { attempt: { claim, host: 'h', pid: 1 } })).toMatchObject({ uid: 'side-1' })
    expect(await test.put('side-4', { attempt: { claim } })).toMatchObject({ uid: 'side-2' })
  })

  it('with a number takes that attempt, even when the claim belongs to an earlier one', async () => {
    await test.put('put-13', { attempt: { claim: 'same' } })
    expect(await test.put('put-13', { attempt: { number: 2, claim: 'same' } })).toMatchObject({ attempt: 2 })
    expect(await get('put-13')).toMatchObject({
      attempt: 2,
      attempts: [
        { claim: 'same', state: 'lost' },
        { claim: null, state: 'running' },
      ],
    })
  })

  it('adopts the attempt that a launcher made', async () => {
    await test.put('put-7', { state: 'submitting', project: 'p' })
    expect(await test.put('put-7', { attempt: { number: 1, claim: 'x' }, config: { a: 1 } })).toMatchObject({
      attempt: 1,
    })
    expect(await get('put-7')).toMatchObject({ project: 'p', config: { a: 1 }, state: 'running' })
  })

  it('does not find a job of somebody else, and tells claims of two owners apart', async () => {
    await test.put('put-8', { attempt: { claim: 'same' } })
    await expect(test.put('put-8', {}, other)).rejects.toMatchObject({ code: 'notFound' })
    expect(await test.put('put-9', { attempt: { claim: 'same' } }, other)).toMatchObject({ uid: 'put-9' })
    await expect(test.put('put-10', {}, { ...other, jobUid: 'put-9' })).rejects.toMatchObject({ code: 'notFound' })
  })
})

describe('editing a job', () => {
  it('changes its fields, its tags and its version', async () => {
    await test.put('edit-1', { tags: ['old'] })
    const before = await get('edit-1')
    const patch = { name: 'Ünïcode', tags: ['new', 'new'], notes: 'n', model: 'big', totalSteps: 100 }
    const after = await test.storage.call('jobs.edit', { uid: 'edit-1', patch, actor: test.admin })
    expect(after).toMatchObject({ name: 'Ünïcode', tags: ['new'], notes: 'n', model: 'big' })
    expect(after.version).toBeGreaterThan(before.version)
    expect(uids((await list({ tag: 'new' })).jobs)).toEqual(['edit-1'])
    expect((await list({ tag: 'old' })).jobs).toEqual([])
    expect(uids((await list({ search: 'ÜNÏ big' })).jobs)).toEqual(['edit-1'])
    expect(
      (await test.storage.call('jobs.edit', { uid: 'edit-1', patch: { notes: null }, actor: test.admin })).notes,
    ).toBeNull()
  })

  it('needs to be its owner, or may write all', async () => {
    await test.put('edit-2')
    await expect(
      test.storage.call('jobs.edit', { uid: 'edit-2', patch: { name: 'x' }, actor: other }),
    ).rejects.toMatchObject({ code: 'notFound' })
    await expect(
      test.storage.call('jobs.edit', {
        uid: 'edit-2',
        patch: { name: 'x' },
        actor: { ...test.admin, jobUid: 'edit-1' },
      }),
    ).rejects.toMatchObject({ code: 'notFound' })
  })
})

describe('deleting a job', () => {
  it('takes everything away, and the same uid begins anew', async () => {
    await test.put('del-1', { tags: ['gone'] })
    await test.report('del-1', {
      points: [pointsOf({ loss: [1] })],
      logs: [linesOf(['x'])],
      stages: [{ name: 's', state: 'active', at: 1 }],
    })
    await test.storage.call('jobs.delete', { uid: 'del-1', actor: test.admin, now: true })
    await expect(get('del-1')).rejects.toMatchObject({ code: 'notFound' })
    expect((await list({ tag: 'gone' })).total).toBe(0)
    await test.put('del-1')
    expect(await get('del-1')).toMatchObject({ stages: [], headline: null, attempts: [{ logLines: 0 }] })
    expect((await test.query('del-1')).series).toEqual([])
  })
})

describe('the list of jobs', () => {
  it('filters by each of its columns', async () => {
    await test.put('list-1', {
      project: 'vision',
      target: 'node1',
      kind: 'evaluation',
      createdAt: 1_000,
      dataset: '100% real_',
    })
    await test.put('list-2', { project: 'speech', target: 'node2', createdAt: 2_000 })
    await test.report('list-2', { state: { state: 'completed', at: Date.now() } })
    expect(uids((await list({ project: 'vision' })).jobs)).toEqual(['list-1'])
    expect(uids((await list({ project: ['vision', 'speech'] })).jobs)).toEqual(['list-2', 'list-1'])
    expect(uids((await list({ target: 'node2' })).jobs)).toEqual(['list-2'])
    expect(uids((await list({ kind: 'evaluation' })).jobs)).toEqual(['list-1'])
    expect(uids((await list({ until: 3_000 })).jobs)).toEqual(['list-2', 'list-1'])
    expect(uids((await list({ since: 1_500, until: 3_000 })).jobs)).toEqual(['list-2'])
    expect(uids((await list({ owner: 'admin', until: 1_500 })).jobs)).toEqual(['list-1'])
    expect((await list({ owner: 'nobody' })).total).toBe(0)
    expect(uids((await list({ search: '100% REAL_' })).jobs)).toEqual(['list-1'])
    expect((await list({ search: '100_' })).total).toBe(0)
    expect(uids((await list({ state: 'completed', until: 3_000 })).jobs)).toEqual(['list-2'])
    expect(uids((await list({ until: 3_000 }, { ended: true })).jobs)).toEqual(['list-2'])
    expect(uids((await list({ until: 3_000 }, { ended: false })).jobs)).toEqual(['list-1'])
    expect(uids((await list({ until: 3_000 }, { onlyUid: 'list-1' })).jobs)).toEqual(['list-1'])
  })

  it.each(['created', 'name', 'state', 'duration', 'heard'])(
    'pages by %s both ways, stable while jobs are added',
    async (sort) => {
      const project = `pages-${sort}`
      for (let at = 0; at < 7; at += 1)
        await test.put(`${project}-${at}`, { project, name: `n${at % 3}`, createdAt: 10_000 + (at % 2) })
      for (const order of ['asc', 'desc']) {
        const before = uids((await list({ project, sort, order, limit: 100 })).jobs)
        const seen: string[] = []
        let cursor: string | undefined
        let pages = 0
        do {
          const page = await list({ project, sort, order, limit: 3, ...(cursor ? { cursor } : {}) })
          seen.push(...uids(page.jobs))
          cursor = page.next ?? undefined
          pages += 1
          await test.put(`${project}-${order}-more-${pages}`, { project, name: 'n1', createdAt: 10_001 })
        } while (cursor && pages < 20)
        expect(seen.filter((uid) => before.includes(uid))).toEqual(before)
        expect(new Set(seen).size).toBe(seen.length)
      }
    },
  )

  it('refuses a cursor that is none', async () => {
    await expect(list({ cursor: 'abc' })).rejects.toMatchObject({ code: 'invalid', field: 'cursor' })
  })
})

describe('the statistics', () => {
  it('count states, hours and what can be filtered by', async () => {
    const own = await openTestStorage()
    const hour = 3_600_000
    const hardware = {
      host: 'h',
      gpus: [
        { index: 0, name: 'G' },
        { index: 1, name: 'G' },
      ],
      gpuAbsence: null,
    }
    await own.put('s-1', { createdAt: Date.now() - 3 * hour, project: 'b', tags: ['t'], target: 'node', hardware })
    await own.report('s-1', { state: { state: 'completed', at: Date.now() } })
    await own.put('s-2', { createdAt: Date.now() - 10 * 24 * hour, project: 'a' })
    await own.report('s-2', { state: { state: 'failed', at: Date.now() } })
    await own.put('s-3', { state: 'pending', project: 'a' })
    const statistics = await own.storage.call('jobs.statistics', null)
    expect(statistics).toMatchObject({
      total: 3,
      successRate: 0.5,
      failedToday: 1,
      projects: ['a', 'b'],
      targets: ['node'],
      tags: ['t'],
      owners: ['admin'],
    })
    expect(statistics.counts).toMatchObject({ completed: 1, failed: 1, pending: 1, running: 0 })
    expect(statistics.hoursWeek).toBeCloseTo(3 + 7 * 24, 1)
    expect(statistics.gpuHoursWeek).toBeCloseTo(6, 1)
    expect(statistics.meanDurationMs).toBeCloseTo(3 * hour, -4)
    await own.close()
  })
})
