import type { ClusterStatus } from '@pilothouse/contract'
import { formatClockTime } from '../app/format-clock-time.ts'
import { TimeAgo } from '../ui/time-ago.tsx'

/** Why nobody knows how the cluster is, since when, and what stands below all the same. */
export function ClusterTrouble({ status, now }: { status: ClusterStatus; now: number }) {
  const { trouble, unknownSince, readAt, nextTryAt, notices } = status
  return (
    <>
      {trouble === null || unknownSince === null ? null : (
        <div role="alert" className="flex flex-col gap-1 rounded-md bg-warn-soft px-3 py-2 text-warn">
          <p>
            <span className="font-medium">Unknown since {formatClockTime(unknownSince)}.</span>{' '}
            {readAt === null ? (
              'Nothing is known of this cluster yet.'
            ) : (
              <>
                What stands here was true <TimeAgo at={readAt} now={now} />.
              </>
            )}{' '}
            {nextTryAt === null || nextTryAt <= now ? null : (
              <>
                It is tried again <TimeAgo at={nextTryAt} now={now} />.
              </>
            )}
          </p>
          <p className="wrap-anywhere">{trouble.message}</p>
          <p className="wrap-anywhere">{trouble.hint}</p>
        </div>
      )}
      {notices.length === 0 ? null : (
        <ul
          className="flex flex-col gap-1 rounded-md bg-warn-soft px-3 py-2 wrap-anywhere text-warn"
          aria-label="Notices"
        >
          {notices.map((notice) => (
            <li key={notice}>{notice}</li>
          ))}
        </ul>
      )}
    </>
  )
}
