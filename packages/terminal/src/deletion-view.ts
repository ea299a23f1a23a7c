import type { JobsDeleted } from '@pilothouse/contract'
import type { Paint } from './paint.ts'

const mega = 1_000_000

/** What was deleted, or would be; one sentence a line. */
export function viewDeletion({ jobs, bytes, notEnded, dryRun, restorableUntil }: JobsDeleted, paint: Paint): string[] {
  const what = `${jobs} ${jobs === 1 ? 'job' : 'jobs'} (${(bytes / mega).toFixed(1)} MB)`
  const stay = notEnded === 0 ? [] : [paint('dim', `${notEnded} that match have not ended and stay.`)]
  if (jobs === 0) return ['No job that has ended matches.', ...stay]
  const until = restorableUntil === null ? undefined : new Date(restorableUntil).toISOString()
  const undo = until === undefined ? 'They cannot be restored.' : `They can be restored until ${until}.`
  return [dryRun ? `${what} would be deleted.` : `${what} deleted.`, paint('dim', undo), ...stay]
}
