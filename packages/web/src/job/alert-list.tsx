import type { ReactNode } from 'react'
import type { Alert, AlertLevel, Job } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { CircleAlert, Info, TriangleAlert } from 'lucide-react'
import { useServerNow } from '../app/services.ts'
import { TimeAgo } from '../ui/time-ago.tsx'

/** What the script wanted somebody to know, the newest first. */
export function AlertList({ job }: { job: Job }) {
  const now = useServerNow(10_000)
  if (job.alerts.length === 0) return null
  return (
    <section aria-labelledby="alerts-title" className="rounded-lg border border-line bg-surface">
      <h2 id="alerts-title" className="px-3 pt-2.5 pb-1 text-12 text-muted">
        Alerts
      </h2>
      <ul tabIndex={0} aria-labelledby="alerts-title" className="max-h-80 overflow-y-auto pb-1.5 -outline-offset-2">
        {job.alerts.map((alert) => (
          <AlertItem key={alert.id} alert={alert} now={now} />
        ))}
      </ul>
    </section>
  )
}

function AlertItem({ alert, now }: { alert: Alert; now: number }) {
  return (
    <li className="flex gap-2 px-3 py-1.5">
      <span className="pt-0.5">{signOf(alert.level)}</span>
      <div className="min-w-0 flex-1">
        <p className="font-medium wrap-anywhere">{alert.title}</p>
        {alert.text === '' ? null : <p className="wrap-anywhere whitespace-pre-wrap text-muted">{alert.text}</p>}
        <p className="text-12 text-faint">
          {alert.level} · {alert.step === null ? null : `step ${formatCount(alert.step)} · `}
          <TimeAgo at={alert.time} now={now} />
        </p>
      </div>
    </li>
  )
}

function signOf(level: AlertLevel): ReactNode {
  switch (level) {
    case 'info':
      return <Info size={14} className="text-faint" aria-hidden />
    case 'warning':
      return <TriangleAlert size={14} className="text-warn" aria-hidden />
    case 'error':
      return <CircleAlert size={14} className="text-bad" aria-hidden />
    default:
      return level satisfies never
  }
}
