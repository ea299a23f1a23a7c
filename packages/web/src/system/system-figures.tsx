import type { SystemStatus } from '@pilothouse/contract'
import { formatBytes, formatCount } from '@pilothouse/signals'
import { formatMs, formatPerSecond } from './format-figures.ts'

/** Five figures that say at a glance whether the server is well. */
export function SystemFigures({ status }: { status: SystemStatus }) {
  const { ingest, database, process, live } = status
  const figures: [label: string, value: string, meta: string][] = [
    [
      'Points a second',
      formatPerSecond(ingest.pointsPerSecond),
      `${formatPerSecond(ingest.reportsPerSecond)} reports/s`,
    ],
    ['Acknowledged in', formatMs(ingest.ackP50Ms), `99 % within ${formatMs(ingest.ackP99Ms)}`],
    ['Database', formatBytes(database.bytes), database.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'],
    ['Memory', formatBytes(process.rssBytes), `heap ${formatBytes(process.heapBytes)}`],
    ['Watching', formatCount(live.subscribers), live.topics === 1 ? '1 topic' : `${formatCount(live.topics)} topics`],
  ]
  return (
    <ul
      aria-label="Figures"
      className="cells grid-cols-2 rounded-lg border border-line bg-surface sm:grid-cols-[repeat(auto-fit,minmax(128px,1fr))]"
    >
      {figures.map(([label, value, meta]) => (
        <li key={label} className="min-w-0 bg-surface px-4 py-2.5 max-sm:last:col-span-2">
          <div className="truncate text-12 text-muted">{label}</div>
          <div className="truncate text-20 font-medium">{value}</div>
          <div className="truncate text-12 text-faint">{meta}</div>
        </li>
      ))}
    </ul>
  )
}
