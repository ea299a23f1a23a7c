import { Link } from '@tanstack/react-router'
import type { SystemStatus } from '@pilothouse/contract'
import { jobStates } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { StateSign } from '../ui/state-sign.tsx'

/** How many jobs are in which state, each a way to them. */
export function JobsByState({ status: { jobs } }: { status: SystemStatus }) {
  const states = jobStates.filter((state) => (jobs.byState[state] ?? 0) > 0)
  const gone = [
    jobs.deleted > 0 ? `${formatCount(jobs.deleted)} deleted, to be had back for a while` : null,
    jobs.removing > 0 ? `${formatCount(jobs.removing)} being removed for good` : null,
  ].filter((words) => words !== null)
  return (
    <section aria-label="Jobs by state" className="rounded-lg border border-line bg-surface">
      <h2 className="flex h-10 items-center justify-between gap-4 border-b border-line px-4 font-medium">
        Jobs
        <span className="font-normal text-muted">
          {formatCount(jobs.total)} in all, {formatCount(jobs.live)} under way
        </span>
      </h2>
      <ul className="flex flex-wrap gap-1 p-2">
        {states.map((state) => (
          <li key={state}>
            <Link
              to="/"
              search={{ state: [state] }}
              className="touchable flex h-8 items-center gap-2 rounded-md px-2 transition-colors hover:bg-hover"
            >
              <StateSign state={state} />
              <span className="font-medium">{formatCount(jobs.byState[state] ?? 0)}</span>
            </Link>
          </li>
        ))}
        {states.length === 0 ? <li className="px-2 py-1.5 text-muted">None yet.</li> : null}
      </ul>
      {gone.length > 0 ? <p className="border-t border-line px-4 py-2 text-muted">{gone.join(' · ')}</p> : null}
    </section>
  )
}
