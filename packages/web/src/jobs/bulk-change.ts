import type { JobsEdit, JobsEdited } from '@pilothouse/contract'
import { countJobs } from './count-jobs.ts'

export type Change = Omit<JobsEdit, 'uids'>

/** The change that takes one back, for the jobs that it has changed. Pure. */
export function invertChange({ addTags, removeTags, archived }: Change): Change {
  return {
    ...(addTags && { removeTags: addTags }),
    ...(removeTags && { addTags: removeTags }),
    ...(archived === undefined ? {} : { archived: !archived }),
  }
}

/** What has happened, and to which jobs it did not. Pure. */
export function describeEdit({ uids, missing, full }: JobsEdited, { addTags, removeTags, archived }: Change): string {
  const jobs = countJobs(uids.length)
  const rest = [
    ...(missing > 0 ? [` ${countJobs(missing)} of others stayed as they were.`] : []),
    ...(full > 0 ? [` ${countJobs(full)} had too many tags already.`] : []),
  ].join('')
  if (archived === true) return `${jobs} archived; the search «is:archived» finds them.${rest}`
  if (archived === false) return `${jobs} brought back from the archive.${rest}`
  if (addTags) return `${jobs} tagged ${addTags.join(', ')}.${rest}`
  return `${(removeTags ?? []).join(', ')} taken from ${jobs}.${rest}`
}
