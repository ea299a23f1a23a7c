import { getRouteApi, Link } from '@tanstack/react-router'
import type { Budget } from '@pilothouse/contract'
import { formatMoney } from '@pilothouse/signals'
import { Plus } from 'lucide-react'
import { useServerNow } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { type BudgetTone, describeForecast, describeScope, toneOf } from './budget-words.ts'
import { useBudgetNotices, useBudgets, useCostRights } from './use-costs.ts'

const route = getRouteApi('/frame/costs')
const noticesShown = 10
const moment = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const fills: Record<BudgetTone, string> = { off: 'bg-line-strong', good: 'bg-accent', warn: 'bg-warn', bad: 'bg-bad' }

/** How much may be spent, how much is, and what was told of it. */
export function BudgetList() {
  const budgets = useBudgets()
  const navigate = route.useNavigate()
  const { mayManage } = useCostRights()
  const list = budgets.data?.budgets
  const used = (list ?? []).filter(({ enabled, state }) => enabled && state.share >= 1)
  return (
    <section aria-label="Budgets" className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex min-h-10 items-center gap-2 py-1 pr-1 pl-3 sm:pl-4">
        <h2 className="mr-auto font-medium">Budgets</h2>
        {mayManage ? (
          <Button onClick={() => void navigate({ search: (before) => ({ ...before, budget: 'new' }) })}>
            <Plus size={14} aria-hidden /> Set a budget
          </Button>
        ) : null}
      </div>
      {used.length === 0 ? null : (
        <p role="alert" className="border-t border-line bg-bad-soft px-3 py-2 wrap-anywhere text-bad sm:px-4">
          {used.length === 1 ? 'A budget is used up: ' : `${used.length} budgets are used up: `}
          {used.map(({ name }) => `«${name}»`).join(', ')}.
        </p>
      )}
      {list ? (
        list.length === 0 ? (
          <p className="border-t border-line px-3 py-3 text-muted sm:px-4">
            No budget yet. A budget says how much may be spent on all jobs, a project, a member, a target or a job. Once
            a part of it is spent somebody is told; at 100 % it can stop jobs.
            {mayManage ? '' : ' An admin sets budgets.'}
          </p>
        ) : (
          <ul className="flex flex-col">
            {list.map((budget) => (
              <BudgetRow key={budget.id} budget={budget} mayManage={mayManage} />
            ))}
          </ul>
        )
      ) : budgets.error ? (
        <ErrorNotice error={budgets.error} onRetry={() => void budgets.refetch()} />
      ) : (
        <div className="waits h-16 border-t border-line" aria-busy="true" aria-label="The budgets are on their way" />
      )}
      {list && list.length > 0 ? <Notices /> : null}
    </section>
  )
}

function BudgetRow({ budget, mayManage }: { budget: Budget; mayManage: boolean }) {
  const { name, amount, currency, state, action, enabled, stops } = budget
  const percent = Math.round(state.share * 100)
  const navigate = route.useNavigate()
  return (
    <li className="flex flex-col gap-1 border-t border-line px-3 py-2 sm:px-4">
      <div className="flex items-center gap-x-3">
        <h3 className="mr-auto min-w-0 font-medium wrap-anywhere">{name}</h3>
        {mayManage ? (
          <Button
            look="quiet"
            className="-mr-2"
            aria-label={`Change the budget ${name}`}
            onClick={() => void navigate({ search: (before) => ({ ...before, budget: String(budget.id) }) })}
          >
            Change
          </Button>
        ) : null}
      </div>
      <div className="flex flex-wrap items-baseline gap-x-3">
        <span className="mr-auto text-12 wrap-anywhere text-muted">
          {describeScope(budget)}
          {action === 'stop' ? ' · stops jobs at 100 %' : ''}
          {enabled ? '' : ' · off'}
        </span>
        <span className="whitespace-nowrap">
          {formatMoney(state.spent, currency)} <span className="text-muted">of {formatMoney(amount, currency)}</span>
        </span>
      </div>
      <div
        role="progressbar"
        aria-label={`Spent of ${name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.min(100, percent)}
        aria-valuetext={`${percent} %`}
        className="h-1.5 overflow-hidden rounded-full bg-line"
      >
        <div
          className={`h-full rounded-full ${fills[toneOf(budget)]}`}
          style={{ width: `${Math.min(100, percent)}%` }}
        />
      </div>
      <p className="text-12 text-muted">
        {percent} %. {describeForecast(budget, (at) => moment.format(at))}
      </p>
      {stops.length === 0 ? null : (
        <ul aria-label={`Jobs that ${name} stops`} className="text-12 text-muted">
          {stops.map(({ job, refusal }) => (
            <li key={job.uid}>
              <Link to="/job/$uid" params={{ uid: job.uid }} className="text-accent hover:underline">
                {job.name}
              </Link>{' '}
              {refusal === null ? 'was told to stop.' : `cannot be told to stop: ${refusal}`}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

function Notices() {
  const notices = useBudgetNotices()
  const now = useServerNow(30_000)
  const list = (notices.data?.notices ?? []).slice(0, noticesShown)
  if (list.length === 0) return null
  return (
    <div className="border-t border-line px-3 py-2 text-12 sm:px-4">
      <h3 className="text-muted">Told lately</h3>
      <ul>
        {list.map(({ id, budget, threshold, spent, amount, currency, at }) => (
          <li key={id} className="flex flex-wrap gap-x-2">
            <span className="wrap-anywhere">
              «{budget.name}» reached {threshold} %: {formatMoney(spent, currency)} of {formatMoney(amount, currency)}
            </span>
            <span className="text-muted">
              <TimeAgo at={at} now={now} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
