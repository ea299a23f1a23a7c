import type { SystemStatus } from '@pilothouse/contract'
import { TimeAgo } from '../ui/time-ago.tsx'

/** Background work that failed lately. */
export function Troubles({ status: { troubles, now } }: { status: SystemStatus }) {
  return (
    <section aria-label="Last troubles" className="rounded-lg border border-line bg-surface">
      <h2 className="h-10 border-b border-line px-4 leading-10 font-medium">Last troubles</h2>
      {troubles.length === 0 ? (
        <p className="px-4 py-3 text-muted">
          None. Background work that fails is told here, and tried again by itself.
        </p>
      ) : (
        <ul className="max-h-80 overflow-y-auto" tabIndex={0} aria-label="Troubles, newest first">
          {troubles.map(({ at, task, message }, place) => (
            <li
              key={`${at}/${task}/${place}`}
              className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 border-t border-line px-4 py-2 first:border-t-0"
            >
              <span className="text-12 leading-5 text-faint">
                <TimeAgo at={at} now={now} />
              </span>
              <span className="min-w-0 wrap-anywhere">
                <span className="font-medium">{task}</span> <span className="text-muted">{message}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
