import { type Retention, type RetentionRule, retention } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import type { StorageContext } from '../storage/operation.ts'
import { openTestContext } from '../storage/test-context.ts'
import { applyRetention, getRetention, setRetention } from './retention-operations.ts'

const dayMs = 24 * 3_600_000
const today = 1_000 * dayMs

it('nothing is due as long as nobody set a rule', async () => {
  await withJobs(async ({ context, apply, uids }) => {
    expect((await getRetention(context, null)).due).toEqual({ jobs: 0, data: 0 })
    await apply()
    expect(await uids()).toEqual(['day-1', 'day-10', 'day-30', 'live', 'other'])
  })
})

it('jobs go when their days are over, by the rule of their project, and never one that has not ended', async () => {
  await withJobs(async ({ context, apply, uids, set }) => {
    const rules = { rule: rule({ jobDays: 5 }), projects: { other: rule({ jobDays: 100 }) } }
    const { due } = await setRetention(context, { retention: retention.parse(rules), dryRun: true })
    expect(due).toEqual({ jobs: 2, data: 0 })
    await apply()
    expect(await uids()).toHaveLength(5)
    await set(rules)
    await apply()
    expect(await uids()).toEqual(['day-1', 'live', 'other'])
  })
})

it('metrics and logs go before the job does, and the job says so', async () => {
  await withJobs(async ({ context, apply, uids, set }) => {
    await set({ rule: rule({ dataDays: 20 }) })
    await apply()
    expect(await uids()).toHaveLength(5)
    const rows = await context.db.selectFrom('job').select('uid').where('data_removed_ms', 'is not', null).execute()
    expect(rows.map(({ uid }) => uid)).toEqual(['day-30', 'other'])
    expect(await context.db.selectFrom('removal').selectAll().execute()).toHaveLength(2)
    expect((await getRetention(context, null)).due.data).toBe(0)
  })
})

it('beyond the bound of all jobs those go that ended first', async () => {
  await withJobs(async ({ apply, uids, set }) => {
    await set({ totalBytesMax: 350 })
    await apply()
    expect(await uids()).toEqual(['day-1', 'day-10', 'live'])
  })
})

it('what was deleted can be restored for its time, and is gone for good afterwards', async () => {
  await withJobs(async ({ context, apply, set, clock }) => {
    await set({ rule: rule({ jobDays: 5 }), undoHours: 24 })
    await apply()
    const list = () => context.db.selectFrom('deleted_job').select('uid').orderBy('uid').execute()
    expect(await list()).toEqual([{ uid: 'day-10' }, { uid: 'day-30' }, { uid: 'other' }])
    clock.now += 2 * dayMs
    await apply()
    expect(await list()).toEqual([])
    expect(await context.db.selectFrom('removal').selectAll().execute()).toHaveLength(3)
    const audit = await context.db.selectFrom('audit').select(['action', 'subject']).orderBy('id').execute()
    expect(audit.map(({ action, subject }) => `${action} ${subject ?? ''}`)).toContain('retention.delete-job day-30')
  })
})

function rule(parts: Partial<RetentionRule>): RetentionRule {
  return { jobDays: null, dataDays: null, ...parts }
}

type Stage = {
  context: StorageContext
  clock: { now: number }
  /** Runs all that is due. */
  apply(): Promise<void>
  uids(): Promise<string[]>
  set(rules: Partial<Retention>): Promise<void>
}

/** Jobs of 100 bytes that ended 1, 10 and 30 days ago, one of another project 30 days ago, and one that runs. */
async function withJobs(use: (stage: Stage) => Promise<void>): Promise<void> {
  const clock = { now: today }
  const { context, close } = await openTestContext(() => clock.now)
  await addJob(context, { uid: 'day-1', endedMs: today - dayMs })
  await addJob(context, { uid: 'day-10', endedMs: today - 10 * dayMs })
  await addJob(context, { uid: 'day-30', endedMs: today - 30 * dayMs })
  await addJob(context, { uid: 'other', endedMs: today - 30 * dayMs, project: 'other' })
  await addJob(context, { uid: 'live', endedMs: null })
  await use({
    context,
    clock,
    apply: async () => {
      while (await applyRetention(context, null)) continue
    },
    uids: async () => (await context.db.selectFrom('job').select('uid').orderBy('uid').execute()).map(({ uid }) => uid),
    set: async (rules) => {
      await setRetention(context, { retention: retention.parse(rules), dryRun: false })
    },
  })
  await close()
}

type NewJob = { uid: string; endedMs: number | null; project?: string }

async function addJob({ db }: StorageContext, { uid, endedMs, project = 'default' }: NewJob): Promise<void> {
  const { id } = await db
    .insertInto('job')
    .values({
      uid,
      kind: 'training',
      owner_id: 1,
      project,
      name: uid,
      state: endedMs === null ? 'running' : 'completed',
      tags: '[]',
      created_ms: 0,
      ended_ms: endedMs,
      attempt: 0,
      branch: 0,
      search: uid,
      gpus: 0,
      version: 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const size = { points: 10, metric_bytes: 60, log_bytes: 40, file_bytes: 0, total_bytes: 100, measured_ms: 0 }
  await db
    .insertInto('job_size')
    .values({ job_id: id, ...size })
    .execute()
}
