/** The rules of retention, and what they do: some jobs at a time, none that has not ended. */
import type { Retention, RetentionAnswer } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { writeAudit } from '../access/access-operations.ts'
import { addRemoval, moveToDeleted } from '../jobs/deleted-job.ts'
import { updateJob } from '../jobs/write-job.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { countOverdue, findExcess, findOverdue } from './find-due.ts'
import { readRetention, writeRetention } from './retention-setting.ts'

/** Jobs looked for at once, and about how long one slice takes. */
const jobsMax = 50
const sliceMs = 8
const hourMs = 3_600_000
/** Jobs counted as being in excess of the bound. */
const excessMax = 100_000

export const getRetention: Operation<null, RetentionAnswer> = async ({ db, now }) => {
  const retention = await readRetention(db)
  return { retention, due: await countDue(db, retention, now()) }
}

export const setRetention: Operation<{ retention: Retention; dryRun: boolean }, RetentionAnswer> = async (
  { db, now },
  { retention, dryRun },
) => {
  if (!dryRun) await writeRetention(db, retention)
  return { retention, due: await countDue(db, retention, now()) }
}

async function countDue(db: Kysely<Tables>, retention: Retention, now: number): Promise<RetentionAnswer['due']> {
  const jobs = await countOverdue(db, 'job', { retention, now })
  const excess = await findExcess(db, { retention, limit: excessMax })
  // Jobs beyond the bound ended first, as those do whose days are over.
  return { jobs: Math.max(jobs, excess.length), data: await countOverdue(db, 'data', { retention, now }) }
}

/** One slice of what is due: undo times that are over, jobs whose days are over, jobs beyond the bound. True when more is. */
export const applyRetention: Operation<null, boolean> = async (context) => {
  const until = performance.now() + sliceMs
  const purged = await purgeDeleted(context)
  if (purged) return true
  const retention = await readRetention(context.db)
  const { db, now } = context
  const query = { retention, now: now(), limit: jobsMax }
  const overdue = await findOverdue(db, 'job', query)
  const gone = overdue.length > 0 ? overdue : await findExcess(db, query)
  const work = gone.length > 0 ? gone : await findOverdue(db, 'data', query)
  for (const [done, id] of work.entries()) {
    // At least one: the questions alone may have taken the slice.
    if (done > 0 && performance.now() > until) return true
    if (gone.length > 0) await deleteByRule(context, id, retention.undoHours)
    else await removeData(context, id)
  }
  return work.length > 0
}

/** Deleted jobs whose undo time is over go for good. */
async function purgeDeleted({ db, now, changes }: StorageContext): Promise<boolean> {
  const rows = await db
    .selectFrom('deleted_job')
    .select(['job_id', 'uid'])
    .where('purge_ms', '<=', now())
    .limit(jobsMax)
    .execute()
  for (const { job_id } of rows) {
    await addRemoval(db, job_id, now())
    await db.deleteFrom('deleted_job').where('job_id', '=', job_id).execute()
    changes.purged = true
  }
  return rows.length > 0
}

async function deleteByRule({ db, now, changes }: StorageContext, id: number, undoHours: number): Promise<void> {
  const row = await db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const purgeAt = undoHours === 0 ? null : now() + undoHours * hourMs
  await moveToDeleted(db, row, { at: now(), purgeAt, memberId: null })
  const detail = { endedAt: row.ended_ms, project: row.project }
  await writeAudit(db, now(), { action: 'retention.delete-job', subject: row.uid, detail, by: null })
  changes.removed.add(row.uid)
}

/** Metrics and logs go, the job stays and says so. */
async function removeData({ db, now, changes }: StorageContext, id: number): Promise<void> {
  const { uid } = await db.selectFrom('job').select('uid').where('id', '=', id).executeTakeFirstOrThrow()
  const empty = { log_lines: 0, log_bytes: 0, log_debug: 0, log_info: 0, log_warning: 0, log_error: 0, log_open: null }
  await db.updateTable('attempt').set(empty).where('job_id', '=', id).execute()
  await updateJob(db, id, { job: { data_removed_ms: now() } })
  await addRemoval(db, id, now())
  await db.deleteFrom('job_size').where('job_id', '=', id).execute()
  await writeAudit(db, now(), { action: 'retention.remove-data', subject: uid, by: null })
  changes.jobs.add(id)
  changes.purged = true
}
