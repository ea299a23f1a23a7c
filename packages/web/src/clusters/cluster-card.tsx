import { Link } from '@tanstack/react-router'
import type { ClusterCard as Card, GpuTypeRow } from '@pilothouse/contract'
import { describeDemand, formatCount } from '@pilothouse/signals'
import { formatClockTime } from '../app/format-clock-time.ts'
import { TimeAgo } from '../ui/time-ago.tsx'
import { ClusterSign } from './cluster-sign.tsx'
import { describeRest, GpuBar } from './gpu-bar.tsx'

/** Types on a card; the page of the cluster has all. */
const typesShown = 5

/** A cluster at a glance. */
export function ClusterCard({ card, now }: { card: Card; now: number }) {
  const types = card.types ?? []
  return (
    <article className="relative flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-surface p-3 transition-colors hover:border-line-strong has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-offset-2 has-[a:focus-visible]:outline-accent">
      <div>
        <div className="flex items-center gap-2">
          <h2 className="min-w-0 flex-1 truncate text-14 font-medium" title={card.name}>
            <Link
              to="/clusters/$name"
              params={{ name: card.name }}
              className="outline-none after:absolute after:inset-0 after:rounded-lg"
            >
              {card.name}
            </Link>
          </h2>
          <span className="text-12">
            <ClusterSign state={card.state} />
          </span>
        </div>
        <p className="mt-0.5 flex justify-between gap-3 text-12 text-muted">
          <span className="min-w-0 truncate" title={card.host}>
            {card.host === 'local' ? 'this machine' : card.host}
          </span>
          <Age card={card} now={now} />
        </p>
      </div>
      {card.trouble === null ? null : (
        <p className="line-clamp-3 wrap-anywhere text-warn" title={`${card.trouble.message} ${card.trouble.hint}`}>
          {card.trouble.message}
        </p>
      )}
      {types.length > 0 ? (
        <ul className="flex flex-col gap-2.5" aria-label={`GPUs of ${card.name}`}>
          {types.slice(0, typesShown).map((row) => (
            <TypeLine key={row.type} row={row} />
          ))}
        </ul>
      ) : null}
      {types.length > typesShown ? (
        <p className="text-12 text-faint">and {formatCount(types.length - typesShown)} more types</p>
      ) : null}
      {card.types !== null && types.length === 0 ? <p className="text-muted">No GPUs that you can use.</p> : null}
      {card.state === 'unread' ? <div className="waits h-16 rounded-sm bg-hover" aria-busy="true" /> : null}
    </article>
  )
}

function Age({ card: { readAt, unknownSince }, now }: { card: Card; now: number }) {
  if (unknownSince !== null) return <span className="shrink-0">unknown since {formatClockTime(unknownSince)}</span>
  if (readAt === null) return null
  return (
    <span className="shrink-0 text-faint">
      <TimeAgo at={readAt} now={now} />
    </span>
  )
}

function TypeLine({ row }: { row: GpuTypeRow }) {
  const rest = [describeRest(row), row.waiting.jobs > 0 ? `${describeDemand(row.waiting)} waiting` : '']
  const words = rest.filter(Boolean).join(' · ')
  return (
    <li className="flex flex-col gap-1">
      <div className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate font-medium">{row.type ?? 'GPU'}</span>
        <span className="shrink-0">
          <span className={row.free > 0 ? 'font-medium text-good' : 'text-muted'}>{formatCount(row.free)} free</span>
          <span className="text-muted"> of {formatCount(row.total)}</span>
        </span>
      </div>
      <GpuBar counts={row} />
      {words === '' ? null : <span className="text-12 text-faint">{words}</span>}
    </li>
  )
}
