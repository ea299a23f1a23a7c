import { formatDuration } from '@pilothouse/signals'
import { Play, Snowflake } from 'lucide-react'
import { formatClockTime } from '../app/format-clock-time.ts'
import { useServerNow } from '../app/services.ts'
import { Button } from '../ui/button.tsx'

/** `at`: when the view was frozen, local clock; null while it is live. */
export type Pause = { at: number | null; toggle: () => void }

/** Freezes what is on screen, so that it can be read; the job goes on. */
export function PauseSwitch({ pause }: { pause: Pause }) {
  const isPaused = pause.at !== null
  return (
    <Button
      aria-pressed={isPaused}
      onClick={pause.toggle}
      title={isPaused ? 'Show what came since (p)' : 'Freeze the view; the job goes on (p)'}
    >
      {isPaused ? <Play size={14} aria-hidden /> : <Snowflake size={14} aria-hidden />}
      <span className="max-lg:sr-only">{isPaused ? 'Resume view' : 'Pause view'}</span>
    </Button>
  )
}

export function PauseBanner({ pause }: { pause: Pause }) {
  if (pause.at === null) return null
  return <PausedSince at={pause.at} onResume={pause.toggle} />
}

function PausedSince({ at, onResume }: { at: number; onResume: () => void }) {
  const now = useServerNow()
  return (
    <div
      role="status"
      className="arrives mx-4 mt-3 flex items-center gap-3 rounded-md bg-accent-soft px-3 py-1 sm:mx-6"
    >
      <span className="flex-1">
        <span className="font-medium">View paused.</span> It shows {formatClockTime(at)},{' '}
        {formatDuration(Math.max(0, now - at))} ago. Nothing is lost.
      </span>
      <Button look="quiet" className="text-accent" onClick={onResume}>
        <Play size={14} aria-hidden /> Resume
      </Button>
    </div>
  )
}
