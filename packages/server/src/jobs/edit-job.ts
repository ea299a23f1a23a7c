import type { Job, JobPatch } from '@pilothouse/contract'
import { refuseMove } from '../proposals/approval-setting.ts'
import { layStages } from '../telemetry/stages.ts'
import { readStages, writeStages } from '../telemetry/telemetry-rows.ts'
import type { Actor, Operation } from '../storage/operation.ts'
import { getJob } from './get-job.ts'
import { jobNotFound, mayWrite } from './job-access.ts'
import { patchColumns } from './job-patch.ts'
import { readKnownDetail, updateJob } from './write-job.ts'

/**
 * Changes fields of a job. Somebody else's job is not found, unless the actor may write all.
 * @throws PilothouseError
 */
export const editJob: Operation<{ uid: string; patch: JobPatch; actor: Actor }, Job> = async (
  context,
  { uid, patch, actor },
) => {
  const { db, changes } = context
  const row = await db.selectFrom('job').selectAll().where('uid', '=', uid).executeTakeFirst()
  if (!row || !mayWrite(actor, row)) throw jobNotFound(uid)
  if (patch.project !== undefined) await refuseMove(db, row, { project: patch.project, actor })
  await updateJob(db, row.id, patchColumns(patch, row, await readKnownDetail(db, row.id)))
  if (patch.stages !== undefined) {
    const at = { jobId: row.id, attempt: row.attempt }
    await writeStages(db, at, layStages(patch.stages, await readStages(db, at)))
  }
  changes.jobs.add(row.id)
  return getJob(context, { uid })
}
