import { Link } from '@tanstack/react-router'
import { costAt } from '@pilothouse/contract/wire'
import { formatMoney, formatPrice } from '@pilothouse/signals'
import { useServerNow } from '../app/services.ts'
import { ErrorNotice } from '../ui/notice.tsx'
import { projectAt } from './project-at.ts'
import { useRunningCosts } from './use-costs.ts'

/** What runs now: what it costs so far, an hour, and at its end. */
export function RunningCosts() {
  const running = useRunningCosts()
  const now = useServerNow(5_000)
  const priced = (running.data?.jobs ?? []).flatMap((job) => {
    const { cost } = job
    return cost === null || cost.perHour <= 0 ? [] : [{ job, cost }]
  })
  const cell = 'px-2 py-1.5 text-right whitespace-nowrap last:pr-3 sm:last:pr-4'
  return (
    <section aria-label="Running" className="overflow-hidden rounded-lg border border-line bg-surface">
      <h2 className="flex min-h-10 items-center px-3 font-medium sm:px-4">Running now</h2>
      {running.error && !running.data ? (
        <ErrorNotice error={running.error} onRetry={() => void running.refetch()} />
      ) : priced.length === 0 ? (
        <p className="border-t border-line px-3 py-3 text-muted sm:px-4">
          {running.data ? 'Nothing that costs something runs now.' : 'On its way.'}
        </p>
      ) : (
        <div tabIndex={0} role="region" aria-label="Jobs that run" className="overflow-x-auto border-t border-line">
          <table className="w-full border-collapse text-12">
            <thead>
              <tr className="text-muted">
                <th scope="col" className="w-full min-w-32 py-1.5 pr-2 pl-3 text-left font-normal sm:pl-4">
                  Job
                </th>
                {['An hour', 'So far', 'At its end'].map((head) => (
                  <th key={head} scope="col" className={`${cell} font-normal`}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {priced.map(({ job, cost }) => {
                const projection = projectAt(job, now)
                return (
                  <tr key={job.uid} className="border-t border-line">
                    <th scope="row" className="py-1 pr-2 pl-3 text-left font-medium wrap-anywhere sm:pl-4">
                      <Link to="/job/$uid" params={{ uid: job.uid }} className="text-accent hover:underline">
                        {job.name}
                      </Link>
                      <span className="block font-normal text-muted">
                        {[job.project, job.target].filter(Boolean).join(' · ')}
                      </span>
                    </th>
                    <td className={cell}>{formatPrice(cost.perHour, cost.currency)}</td>
                    <td className={cell}>{formatMoney(costAt(cost, now), cost.currency)}</td>
                    <td className={cell} title={projection.assumption}>
                      {projection.amount === null ? 'not known' : `≈ ${formatMoney(projection.amount, cost.currency)}`}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
          <p className="px-3 pb-2 text-12 text-muted sm:px-4">
            ≈ is an estimate: the job’s pace and its price stay as they are.
          </p>
        </div>
      )}
    </section>
  )
}
