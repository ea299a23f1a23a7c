import { formatClockTime } from '../app/format-clock-time.ts'

/** What stands there was true once. */
export function StaleLine({ error, readAt }: { error: Error; readAt: number }) {
  return (
    <p role="alert" className="rounded-md bg-warn-soft px-3 py-2 wrap-anywhere text-warn">
      What stands here was true at {formatClockTime(readAt)}. {error.message}
    </p>
  )
}
