import { formatRelativeTime } from '@pilothouse/signals'
import { formatExactTime } from '../app/format-clock-time.ts'

/** Relative under a day, the exact time on hover. */
export function TimeAgo({ at, now }: { at: number; now: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExactTime(at)} className="whitespace-nowrap">
      {formatRelativeTime(at, now)}
    </time>
  )
}
