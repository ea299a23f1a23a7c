/** A run at W&B that the log of a job names: kept, to be followed. */
import { limits } from '@pilothouse/contract'
import type { WandbRunPlace } from '@pilothouse/signals'
import type { StorageContext } from '../storage/operation.ts'

export type NamedWandbRun = { jobId: number; attempt: number; place: WandbRunPlace }

/**
 * One that is known already and was over is asked for again: it has been resumed, or has only just come to its end. Metrics of
 * a second run of one attempt have its id before their names; one of a later attempt goes on with those of the first.
 */
export async function noteWandbRun(
  { db, now, changes }: Pick<StorageContext, 'db' | 'now' | 'changes'>,
  { jobId, attempt, place }: NamedWandbRun,
): Promise<void> {
  const { baseUrl, ...names } = place
  const known = await db
    .selectFrom('wandb_run')
    .select(['id', 'attempt', 'base_url', 'entity', 'project', 'run', 'next_ms'])
    .where('job_id', '=', jobId)
    .execute()
  const same = known.find(
    (one) =>
      one.base_url === baseUrl && one.entity === names.entity && one.project === names.project && one.run === names.run,
  )
  if (same) {
    if (same.next_ms !== null && same.attempt >= attempt) return
    const again = { status: 'waiting' as const, state: null, message: null, tries: 0, next_ms: now() }
    await db
      .updateTable('wandb_run')
      .set({ ...again, attempt: Math.max(same.attempt, attempt) })
      .where('id', '=', same.id)
      .execute()
  } else if (known.length < limits.jobWandbRunsMax) {
    const isSecond = known.some((one) => one.attempt === attempt)
    const begin = { next_step: 0, window_steps: 0, key_count: 0, own_keys: 0, tries: 0, next_ms: now() }
    const prefix = isSecond ? `wandb/${names.run}/` : 'wandb/'
    const values = { ...names, ...begin, prefix, base_url: baseUrl, job_id: jobId, attempt, status: 'waiting' as const }
    await db.insertInto('wandb_run').values(values).execute()
  } else return
  changes.jobs.add(jobId)
}
