/**
 * Deletion in two steps. First the rows of a job move into one row of `deleted_job`: every query misses it, and it can be
 * brought back as it was. When its time is over, or at once if nobody wants to wait, it goes into `removal`, and its series,
 * logs and files are taken away in slices (remove-jobs.ts).
 *
 *   job ──delete──▶ deleted_job ──undo time over──▶ removal ──slices──▶ nothing
 *                        └──restore──▶ job
 */
import { PilothouseError } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'
import type { JobRow } from './read-job.ts'

/** Tables with rows of a job, beside `job` itself, that move with it. */
const jobTables = ['job_detail', 'job_tag', 'attempt', 'branch', 'stage', 'writer'] as const
type JobTableName = (typeof jobTables)[number]
type KeptRows = { job: JobRow } & { [Table in JobTableName]?: Record<string, unknown>[] }

export type Deletion = {
  at: number
  /** When it goes for good; null: at once. */
  purgeAt: number | null
  memberId: number | null
}

/** Takes a job out of sight. */
export async function moveToDeleted(
  db: Kysely<Tables>,
  job: JobRow,
  { at, purgeAt, memberId }: Deletion,
): Promise<void> {
  if (purgeAt === null) await addRemoval(db, job.id, at)
  else {
    const { id, uid, name, project, state } = job
    const rows = JSON.stringify(await readRows(db, job))
    const deleted = {
      job_id: id,
      uid,
      name,
      project,
      state,
      deleted_ms: at,
      purge_ms: purgeAt,
      member_id: memberId,
      rows,
    }
    await db.insertInto('deleted_job').values(deleted).execute()
  }
  // What can be worked out again does not move.
  for (const table of [...jobTables, 'job_size', 'job_value', 'job_digest', 'job_record'] as const)
    await db.deleteFrom(table).where('job_id', '=', job.id).execute()
  await db.deleteFrom('job').where('id', '=', job.id).execute()
}

/**
 * Brings the job with this uid that was deleted last back; returns its id.
 * @throws PilothouseError `notFound`, or `conflict` when another job has its uid by now.
 */
export async function moveFromDeleted(db: Kysely<Tables>, uid: string): Promise<number> {
  const deleted = await db
    .selectFrom('deleted_job')
    .select(['job_id', 'rows'])
    .where('uid', '=', uid)
    .orderBy('deleted_ms', 'desc')
    .orderBy('job_id', 'desc')
    .executeTakeFirst()
  if (!deleted) {
    throw new PilothouseError('notFound', `There is no deleted job «${uid}» that could be restored.`, {
      field: 'uid',
      hint: 'What can be restored stands in GET /api/deleted-jobs.',
    })
  }
  const taken = await db.selectFrom('job').select('id').where('uid', '=', uid).executeTakeFirst()
  if (taken) {
    throw new PilothouseError('conflict', `Another job has the uid «${uid}» by now.`, {
      hint: 'Delete that one first if this one shall come back.',
    })
  }
  await writeRows(db, JSON.parse(deleted.rows) as KeptRows) // `moveToDeleted` wrote it
  await db.deleteFrom('deleted_job').where('job_id', '=', deleted.job_id).execute()
  return deleted.job_id
}

/** The series, logs and files of a job are to be taken away. */
export async function addRemoval(db: Kysely<Tables>, jobId: number, at: number): Promise<void> {
  await db
    .insertInto('removal')
    .values({ job_id: jobId, at_ms: at })
    .onConflict((conflict) => conflict.column('job_id').doNothing())
    .execute()
}

async function readRows(db: Kysely<Tables>, job: JobRow): Promise<KeptRows> {
  const kept: KeptRows = { job }
  for (const table of jobTables)
    kept[table] = await db.selectFrom(table).selectAll().where('job_id', '=', job.id).execute()
  return kept
}

async function writeRows(db: Kysely<Tables>, { job, ...kept }: KeptRows): Promise<void> {
  await db.insertInto('job').values(job).execute()
  for (const table of jobTables) {
    // One by one: many rows at once could need more parameters than a statement may have.
    for (const row of kept[table] ?? []) {
      const values = row as never // a row of this very table
      await db.insertInto(table).values(values).execute()
    }
  }
}
