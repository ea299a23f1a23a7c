import { useEffect, useState } from 'react'
import { formatDuration } from '@pilothouse/signals'
import { RefreshCw } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { useLiveStatus, useServices } from './services.ts'
import { formatClockTime } from './format-clock-time.ts'

/** A short break is no news: the banner waits so long. */
const bannerAfterMs = 1_500

/** The small sign in the bar: live, or how long not. */
export function ConnectionSign() {
  const status = useLiveStatus()
  const isLive = status.state === 'live'
  const word = isLive ? 'live' : status.state === 'connecting' ? 'connecting' : 'offline'
  return (
    <span
      role="status"
      className={`flex h-7 items-center gap-1.5 rounded-md px-2 text-12 font-medium ${isLive ? 'text-muted' : 'text-warn'}`}
      title={`${word} since ${formatClockTime(status.since)}`}
    >
      <svg width="8" height="8" viewBox="0 0 8 8" aria-hidden className={isLive ? 'text-good' : ''}>
        {isLive ? (
          <circle cx="4" cy="4" r="3.5" fill="currentColor" />
        ) : (
          <circle cx="4" cy="4" r="2.9" fill="none" stroke="currentColor" strokeWidth="1.3" />
        )}
      </svg>
      {word}
    </span>
  )
}

/** Says plainly that what is on screen is old, how old, and what is being done about it. */
export function DisconnectedBanner() {
  const { live } = useServices()
  const status = useLiveStatus()
  const age = useAge(status.state === 'live' ? null : status.since)
  if (status.state === 'live' || age < bannerAfterMs) return null
  return (
    <div
      role="alert"
      className="arrives flex min-h-9 items-center gap-3 border-b border-line bg-warn-soft px-4 py-1 text-warn sm:px-6"
    >
      <span className="min-w-0 flex-1">
        {live.heardAt() === null ? (
          'No live line to the server yet. Values are from when the page was opened.'
        ) : (
          <>
            <span className="font-medium">Disconnected</span>, showing data of{' '}
            {formatClockTime(live.heardAt() ?? status.since)}
            <span className="hidden sm:inline"> ({formatDuration(age)} ago)</span>
          </>
        )}
      </span>
      <Button look="quiet" className="text-warn" onClick={() => live.reconnect()}>
        <RefreshCw size={14} aria-hidden /> Try now
      </Button>
    </div>
  )
}

function useAge(since: number | null): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (since === null) return undefined
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [since])
  return since === null ? 0 : Math.max(0, now - since)
}
