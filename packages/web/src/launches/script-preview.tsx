import type { ScriptJobs } from '@pilothouse/contract'
import { joinWords } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { Copyable } from '../ui/copyable.tsx'
import type { ScriptChoice } from './script-draft.ts'

/** Jobs that are shown. */
export const previewMax = 6

/** How many jobs it makes, the first of them, and the command line of the first. */
export function ScriptPreview({ choice, jobs }: { choice: ScriptChoice; jobs: ScriptJobs }) {
  const [first] = jobs.jobs
  if (!first) return null
  return (
    <section aria-labelledby="command-title" className="flex min-w-0 flex-col gap-2">
      <h2 id="command-title" className="text-14 font-medium">
        {jobs.total === 1 ? 'Command line' : `${formatCount(jobs.total)} jobs`}
      </h2>
      {jobs.total > 1 ? (
        <ol aria-label="The first jobs" className="rounded-lg border border-line bg-surface">
          {jobs.jobs.map(({ swept }, at) => (
            <li key={at} className="flex gap-3 border-t border-line px-4 py-1.5 font-mono text-12 first:border-t-0">
              <span className="w-6 shrink-0 text-right text-faint">{at + 1}</span>
              <span className="min-w-0 wrap-anywhere">
                {swept.map(({ key, value }) => `${key}=${value}`).join('  ')}
              </span>
            </li>
          ))}
          {jobs.total > jobs.jobs.length ? (
            <li className="border-t border-line px-4 py-1.5 text-12 text-muted">
              and {formatCount(jobs.total - jobs.jobs.length)} more
            </li>
          ) : null}
        </ol>
      ) : null}
      {jobs.total > 1 ? <p className="text-12 text-muted">The command line of the first:</p> : null}
      <Copyable text={joinWords([choice.interpreter, choice.script, ...first.words])} label="command line" />
    </section>
  )
}
