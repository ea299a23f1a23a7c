import type { ScriptDescription, ScriptJobs } from '@pilothouse/contract'
import { joinWords } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { Copyable } from '../ui/copyable.tsx'
import type { ScriptChoice } from './script-draft.ts'

/** Jobs that are shown. */
const previewMax = 6

type PreviewProps = {
  choice: ScriptChoice
  jobs: ScriptJobs
  /** What the script says of those behind the first; undefined: nobody has asked it, or it is being asked. */
  others: ScriptDescription['others'] | undefined
}

/** How many jobs it makes, the first of them, which of them are wrong, and the command line of the first. */
export function ScriptPreview({ choice, jobs, others }: PreviewProps) {
  const [first] = jobs.jobs
  if (!first) return null
  return (
    <section aria-labelledby="command-title" className="flex min-w-0 flex-col gap-2">
      <h2 id="command-title" className="text-14 font-medium">
        {jobs.total === 1 ? 'Command line' : `${formatCount(jobs.total)} jobs`}
      </h2>
      {jobs.total > 1 ? (
        <ol aria-label="The first jobs" className="rounded-lg border border-line bg-surface">
          {jobs.jobs.slice(0, previewMax).map(({ swept }, at) => (
            <li key={at} className="flex gap-3 border-t border-line px-4 py-1.5 font-mono text-12 first:border-t-0">
              <span className="w-6 shrink-0 text-right text-faint">{at + 1}</span>
              <span className="min-w-0 wrap-anywhere">{nameSwept(swept)}</span>
            </li>
          ))}
          {jobs.total > previewMax ? (
            <li className="border-t border-line px-4 py-1.5 text-12 text-muted">
              and {formatCount(jobs.total - previewMax)} more
            </li>
          ) : null}
        </ol>
      ) : null}
      {jobs.total > 1 && others ? <Others jobs={jobs} others={others} /> : null}
      {jobs.total > 1 ? <p className="text-12 text-muted">The command line of the first:</p> : null}
      <Copyable text={joinWords([choice.interpreter, choice.script, ...first.words])} label="command line" />
    </section>
  )
}

function nameSwept(swept: ScriptJobs['jobs'][number]['swept']): string {
  return swept.map(({ key, value }) => `${key}=${value}`).join('  ')
}

/** Which jobs behind the first the script would not take, and whether all were looked at. */
function Others({ jobs, others: { checked, errors } }: { jobs: ScriptJobs; others: ScriptDescription['others'] }) {
  const left = jobs.total - 1 - checked
  return (
    <>
      {errors.length > 0 ? (
        <ul
          role="alert"
          aria-label="Jobs that the script refuses"
          className="rounded-md bg-bad-soft px-3 py-2 text-bad"
        >
          {errors.map(({ job, key, message }) => (
            <li key={job} className="wrap-anywhere">
              Job {job + 2} (<span className="font-mono text-12">{nameSwept(jobs.jobs[job + 1]?.swept ?? [])}</span>):{' '}
              {key === null ? '' : `${key}: `}
              {message}
            </li>
          ))}
        </ul>
      ) : null}
      {left > 0 && checked > 0 ? (
        <p className="text-12 text-muted">The last {formatCount(left)} of them are not checked.</p>
      ) : null}
    </>
  )
}
