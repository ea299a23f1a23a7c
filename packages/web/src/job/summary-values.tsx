import type { Job } from '@pilothouse/contract'
import { formatValue } from '@pilothouse/signals'

/** Final values that the script itself chose. */
export function SummaryValues({ job }: { job: Job }) {
  const entries = Object.entries(job.summary)
  if (entries.length === 0) return null
  return (
    <section aria-labelledby="summary-title" className="rounded-lg border border-line bg-surface px-3 py-2">
      <h2 id="summary-title" className="text-12 text-muted">
        Summary
      </h2>
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(220px,1fr))] gap-x-6">
        {entries.map(([key, value]) => (
          <div key={key} className="flex justify-between gap-3 py-0.5">
            <dt className="max-w-1/2 shrink-0 truncate text-muted" title={key}>
              {key}
            </dt>
            <dd className="truncate font-medium" title={typeof value === 'string' ? value : undefined}>
              {typeof value === 'number'
                ? formatValue(value)
                : typeof value === 'string'
                  ? value
                  : JSON.stringify(value)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
