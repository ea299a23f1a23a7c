import type { Alert, Job } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { Link } from '@tanstack/react-router'
import { AlertSign } from '../alerts/alert-sign.tsx'
import { useServerNow } from '../app/services.ts'
import { TimeAgo } from '../ui/time-ago.tsx'

/** What the script, or a rule, wanted somebody to know, the newest first. */
export function AlertList({ job }: { job: Job }) {
  const now = useServerNow(10_000)
  if (job.alerts.length === 0) return null
  return (
    <section aria-labelledby="alerts-title" className="rounded-lg border border-line bg-surface">
      <div className="flex items-baseline justify-between px-3 pt-2.5 pb-1 text-12">
        <h2 id="alerts-title" className="text-muted">
          Alerts
        </h2>
        <Link to="/alerts" search={{ job: job.uid, status: 'all' }} className="text-accent hover:underline">
          See to them
        </Link>
      </div>
      <ul tabIndex={0} aria-labelledby="alerts-title" className="max-h-80 overflow-y-auto pb-1.5 -outline-offset-2">
        {job.alerts.map((alert) => (
          <AlertItem key={alert.id} alert={alert} now={now} />
        ))}
      </ul>
    </section>
  )
}

function AlertItem({ alert, now }: { alert: Alert; now: number }) {
  const isOver = alert.status === 'resolved'
  return (
    <li className="flex gap-2 px-3 py-1.5">
      <span className="pt-0.5">
        <AlertSign level={alert.level} isQuiet={isOver} />
      </span>
      <div className="min-w-0 flex-1">
        <p className={`font-medium wrap-anywhere ${isOver ? 'text-muted' : ''}`}>{alert.title}</p>
        {alert.text === '' ? null : <p className="wrap-anywhere whitespace-pre-wrap text-muted">{alert.text}</p>}
        <p className="text-12 text-faint">
          {alert.level} · {alert.step === null ? null : `step ${formatCount(alert.step)} · `}
          {alert.level === 'info' && isOver ? null : `${alert.status} · `}
          <TimeAgo at={alert.time} now={now} />
        </p>
      </div>
    </li>
  )
}
