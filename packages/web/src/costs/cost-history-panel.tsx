import { useState } from 'react'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { CostGroup, CostGrouping, CostHistory } from '@pilothouse/contract'
import { costGroupings } from '@pilothouse/contract/wire'
import { formatMoney, formatUsageHours } from '@pilothouse/signals'
import { Download } from 'lucide-react'
import { BarChart } from '../jobs/bar-chart.tsx'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { costFrames } from './costs-search.ts'
import { useCostHistory } from './use-costs.ts'
import { writeCostCsv } from './write-cost-csv.ts'

const route = getRouteApi('/frame/costs')
const titles: Record<CostGrouping, string> = { project: 'Project', member: 'Member', target: 'Target', kind: 'Kind' }

/** What was spent day by day, and by whom or on what. */
export function CostHistoryPanel() {
  const { by = 'project', days = '30' } = route.useSearch()
  const navigate = route.useNavigate()
  const history = useCostHistory(by, days)
  return (
    <section aria-label="History" className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex min-h-10 flex-wrap items-center gap-x-1 border-b border-line pr-1 pl-3 sm:pl-4">
        <h2 className="mr-auto font-medium">History</h2>
        <div role="group" aria-label="Time frame" className="flex">
          {costFrames.map((one) => (
            <Button
              key={one}
              look="quiet"
              aria-pressed={one === days}
              onClick={() => void navigate({ search: (before) => ({ ...before, days: one }), replace: true })}
            >
              {one} days
            </Button>
          ))}
        </div>
        <div role="group" aria-label="Grouped by" className="flex">
          {costGroupings.map((one) => (
            <Button
              key={one}
              look="quiet"
              aria-pressed={one === by}
              onClick={() => void navigate({ search: (before) => ({ ...before, by: one }), replace: true })}
            >
              {titles[one]}
            </Button>
          ))}
        </div>
        {history.data ? (
          <Button look="quiet" onClick={() => save(history.data)}>
            <Download size={14} aria-hidden /> CSV
          </Button>
        ) : null}
      </div>
      {history.data ? (
        <Found history={history.data} isOld={history.isPlaceholderData} />
      ) : history.error ? (
        <ErrorNotice error={history.error} onRetry={() => void history.refetch()} />
      ) : (
        <div className="waits h-64" aria-busy="true" aria-label="The history is on its way" />
      )}
    </section>
  )
}

function save(history: CostHistory): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([writeCostCsv(history)], { type: 'text/csv' }))
  link.download = `costs-by-${history.by}.csv`
  link.click()
  URL.revokeObjectURL(link.href)
}

function Found({ history, isOld }: { history: CostHistory; isOld: boolean }) {
  const [at, setAt] = useState<number>()
  const { currencies, groups, unpricedHours, starts } = history
  if (groups.length === 0) return <p className="px-3 py-3 text-muted sm:px-4">No job has run within this time.</p>
  return (
    <div aria-busy={isOld}>
      {currencies.map(({ currency, total, parts, amounts }) => (
        <div key={currency} className="border-b border-line">
          <BarChart
            name={`Costs in ${currency}`}
            total={formatMoney(total, currency)}
            parts={parts.map(({ rated, estimate, charged }, place) => ({
              at: starts[place] ?? 0,
              words: formatMoney(rated + estimate + charged, currency),
              bars: [
                { value: charged, tone: 'good' },
                { value: rated, tone: 'accent' },
                { value: estimate, tone: 'grey' },
              ],
            }))}
            at={at}
            onAt={setAt}
          />
          <ul aria-label="What amounts rest on" className="flex flex-wrap gap-x-4 px-3 pb-2 text-12 text-muted sm:px-4">
            <Source name="jobs" fill="bg-accent" amount={formatMoney(amounts.rated, currency)} />
            {amounts.estimate === 0 ? null : (
              <Source
                name="machines, estimate"
                fill="bg-line-strong"
                amount={formatMoney(amounts.estimate, currency)}
              />
            )}
            {amounts.charged === 0 ? null : (
              <Source name="machines, charged" fill="bg-good" amount={formatMoney(amounts.charged, currency)} />
            )}
          </ul>
        </div>
      ))}
      <Groups by={history.by} groups={groups} />
      {unpricedHours < 0.05 ? null : (
        <p className="border-t border-line px-3 py-2 text-12 text-muted sm:px-4">
          Costs lack {formatUsageHours(unpricedHours)} hours of jobs that no rate matches.
        </p>
      )}
    </div>
  )
}

function Source({ name, fill, amount }: { name: string; fill: string; amount: string }) {
  return (
    <li className="flex items-center gap-1.5">
      <span className={`size-2 rounded-full ${fill}`} aria-hidden /> {amount} {name}
    </li>
  )
}

function Groups({ by, groups }: { by: CostGrouping; groups: readonly CostGroup[] }) {
  const cell = 'px-2 py-1.5 text-right whitespace-nowrap last:pr-3 sm:last:pr-4'
  return (
    <div tabIndex={0} role="region" aria-label={`By ${by}`} className="min-w-0 overflow-x-auto -outline-offset-2">
      <table className="w-full border-collapse text-12">
        <thead>
          <tr className="text-muted">
            <th scope="col" className="w-full py-1.5 pr-2 pl-3 text-left font-normal sm:pl-4">
              {titles[by]}
            </th>
            <th scope="col" className={`${cell} font-normal`}>
              Hours
            </th>
            <th scope="col" className={`${cell} font-normal`}>
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map(({ name, currency, hours, amounts, total }) => (
            <tr key={JSON.stringify([name, currency])} className="border-t border-line">
              <th scope="row" className="py-1 pr-2 pl-3 text-left font-medium wrap-anywhere sm:pl-4">
                <GroupName by={by} name={name} nobody={amounts.rated === 0 && total > 0 ? besideJobs : 'not told'} />
              </th>
              <td className={cell}>{formatUsageHours(hours)}</td>
              <td className={cell}>{currency === null ? 'no price' : formatMoney(total, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Rented machines idle, loading, or their disk. */
const besideJobs = 'rented machines, beside their jobs'

/** Leads to the jobs that make it up; what becomes of them stands in the history of the project. */
function GroupName({ by, name, nobody }: { by: CostGrouping; name: string | null; nobody: string }) {
  if (name === null) return <span className="font-normal text-muted">{nobody}</span>
  const link = 'text-accent hover:underline'
  switch (by) {
    case 'project':
      return (
        <Link to="/" search={{ project: [name], sort: 'cost' }} className={link}>
          {name}
        </Link>
      )
    case 'target':
      return (
        <Link to="/" search={{ target: [name], sort: 'cost' }} className={link}>
          {name}
        </Link>
      )
    case 'member':
      return (
        <Link to="/" search={{ owner: [name], sort: 'cost' }} className={link}>
          {name}
        </Link>
      )
    case 'kind':
      return name
    default:
      return by satisfies never
  }
}
