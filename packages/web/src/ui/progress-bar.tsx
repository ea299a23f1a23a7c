import type { JobState, Progress } from '@pilothouse/contract'
import { formatDuration, formatValue } from '@pilothouse/signals'

const fills: Partial<Record<JobState, string>> = {
  completed: 'bg-good',
  failed: 'bg-bad',
  paused: 'bg-warn',
  cancelled: 'bg-line-strong',
  lost: 'bg-line-strong',
}

/** A bar with its share; without a known total it says so instead of guessing. */
export function ProgressBar({
  fraction,
  state,
  label,
  className = 'h-1.5',
}: {
  fraction: number | null
  state: JobState
  label: string
  className?: string
}) {
  const percent = fraction === null ? null : Math.max(0, Math.min(100, fraction * 100))
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? { 'aria-valuetext': 'total not known' } : { 'aria-valuenow': Math.round(percent) })}
      className={`w-full overflow-hidden rounded-full bg-line ${className}`}
    >
      <div
        className={`h-full rounded-full transition-transform ${fills[state] ?? 'bg-accent'}`}
        style={{ transform: `translateX(${roundShift(percent ?? 0)}%)` }}
      />
    </div>
  )
}

/**
 * The bar is moved, not made wider: a width that glides has the whole page laid out in every frame. A tenth of a percent is
 * about a pixel; less than that is not worth a movement.
 */
function roundShift(percent: number): number {
  return (Math.round(percent * 10) - 1_000) / 10
}

/** `2 h 14 m left`, counted down since the server worked it out; null when it cannot be told. */
export function formatTimeLeft(progress: Progress | null, now: number): string | null {
  if (progress?.etaMs === null || progress?.etaMs === undefined) return null
  const left = Math.max(0, progress.etaMs - Math.max(0, now - progress.at))
  return left < 1_000 ? 'nearly done' : `${formatDuration(left)} left`
}

/** An epoch may be a fraction: two digits of it are enough. */
export function formatEpoch(epoch: number): string {
  return formatValue(Math.round(epoch * 100) / 100)
}
