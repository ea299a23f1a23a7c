/** The same change to many jobs at once: tags come and go, jobs are archived and come back. */
import { type JobsEdited, type jobsEdit, limits } from '@pilothouse/contract'
import type { z } from 'zod'
import { type Author, writeAudit } from '../access/access-operations.ts'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import { mayWrite } from './job-access.ts'
import { patchColumns } from './job-patch.ts'
import { parseJson } from './parse-json.ts'
import type { JobRow } from './read-job.ts'
import { updateJob } from './write-job.ts'

export type JobsPatch = Omit<z.output<typeof jobsEdit>, 'uids'>
type EditSome = { uids: readonly string[]; patch: JobsPatch; actor: Actor; by: Author }

/** A patch of tags touches nothing of these. */
const untouched = { hardware: '[]', recipe: null, metrics: null }

/** Changes some jobs. Those that are not there, and those of others, are counted as missing. */
export const editSomeJobs: Operation<EditSome, JobsEdited> = async (context, { uids, patch, actor, by }) => {
  const rows = await context.db.selectFrom('job').selectAll().where('uid', 'in', uids).execute()
  const own = rows.filter((row) => mayWrite(actor, row))
  const edited: JobsEdited = { uids: [], missing: uids.length - own.length, full: 0 }
  for (const row of own) {
    const outcome = await editOne(context, row, { patch, by })
    if (outcome === 'changed') edited.uids.push(row.uid)
    if (outcome === 'full') edited.full += 1
  }
  return edited
}

async function editOne(
  { db, now, changes }: StorageContext,
  row: JobRow,
  { patch, by }: { patch: JobsPatch; by: Author },
): Promise<'changed' | 'same' | 'full'> {
  const before = parseJson<string[]>(row.tags)
  const tags = changeTags(before, patch)
  if (tags.length > limits.tagsMax) return 'full'
  const hasOtherTags = tags.length !== before.length || tags.some((tag, at) => tag !== before[at])
  const moves = patch.archived !== undefined && patch.archived !== (row.archived_ms !== null)
  if (!hasOtherTags && !moves) return 'same'
  const { job } = hasOtherTags ? patchColumns({ tags }, row, untouched) : { job: {} }
  const archive = moves ? { archived_ms: patch.archived ? now() : null } : {}
  await updateJob(db, row.id, { job: { ...job, ...archive } })
  await writeAudit(db, now(), { action: 'jobs.edit-many', subject: row.uid, detail: patch, by })
  changes.jobs.add(row.id)
  return 'changed'
}

/** In their order, new ones at the end. Pure. */
export function changeTags(before: readonly string[], { addTags = [], removeTags = [] }: JobsPatch): string[] {
  return [...new Set([...before.filter((tag) => !removeTags.includes(tag)), ...addTags])]
}
