import { useMemo, useState } from 'react'
import type { Job } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { formatCount, formatValue, listResults, type MetricResult } from '@pilothouse/signals'
import type { JobFeed } from '../charts/job-feed.ts'
import { DisclosureBar } from '../ui/disclosure-bar.tsx'
import { useLatest, useLogged } from './use-latest.ts'

/** The cards above tell of so few as well. */
const fewMax = 3
const shownMax = 200

/** Newest (of a job that has ended, final) and best value of every metric, and where they were reached. */
export function Results({ job, feed }: { job: Job; feed: JobFeed }) {
  const count = useLogged(feed)?.keys.length ?? 0
  const [isOpen, setOpen] = useState(false)
  if (count <= fewMax) return null
  return (
    <details
      className="group overflow-hidden rounded-lg border border-line bg-surface"
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <DisclosureBar>
        <h2 className="font-medium">{isEnded(job.state) ? 'Results' : 'Values'}</h2>
        <span className="text-muted">
          {isEnded(job.state) ? 'final' : 'newest'} and best values of {formatCount(count)} metrics
        </span>
      </DisclosureBar>
      {isOpen ? <ResultTable job={job} feed={feed} /> : null}
    </details>
  )
}

/** Follows every new value, so it is there only while somebody looks. */
function ResultTable({ job, feed }: { job: Job; feed: JobFeed }) {
  const latest = useLatest(feed)
  const results = useMemo(() => listResults(latest ?? [], job.metrics), [latest, job.metrics])
  return (
    <div tabIndex={0} role="region" aria-label="Results" className="max-h-96 overflow-auto border-t border-line">
      <table className="w-full border-collapse">
        <thead className="sticky top-0 bg-surface text-12 text-muted">
          <tr>
            <th scope="col" className="px-4 py-1.5 text-left font-normal">
              Metric
            </th>
            {[isEnded(job.state) ? 'Final' : 'Newest', 'at step', 'Best', 'at step'].map((head, at) => (
              <th key={`${head}${at}`} scope="col" className="px-3 py-1.5 text-right font-normal whitespace-nowrap">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {results.slice(0, shownMax).map((result) => (
            <ResultRow key={result.key} result={result} />
          ))}
        </tbody>
      </table>
      {results.length > shownMax ? (
        <p className="border-t border-line px-4 py-2 text-muted">
          and {formatCount(results.length - shownMax)} more, in the Metrics tab
        </p>
      ) : null}
    </div>
  )
}

function ResultRow({ result }: { result: MetricResult }) {
  const { key, final, finalStep, best, goal } = result
  const cells = [
    formatValue(final),
    formatCount(finalStep),
    best === null ? '–' : formatValue(best.value),
    best === null ? '–' : formatCount(best.step),
  ]
  return (
    <tr className="border-t border-line">
      <th scope="row" title={key} className="max-w-72 truncate px-4 py-1 text-left font-medium">
        {key}
      </th>
      {cells.map((text, at) => (
        <td
          key={at}
          title={at === 2 && goal !== null ? `${goal} is better` : undefined}
          className={`px-3 py-1 text-right whitespace-nowrap ${at % 2 === 1 ? 'text-muted' : ''}`}
        >
          {text}
        </td>
      ))}
    </tr>
  )
}
