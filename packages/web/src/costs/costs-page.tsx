import { lazy, Suspense } from 'react'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { CostNow } from '@pilothouse/contract'
import { formatMoney } from '@pilothouse/signals'
import { usePageName } from '../app/crumbs.tsx'
import { useSession } from '../app/services.ts'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { BudgetList } from './budget-list.tsx'
import { CostHistoryPanel } from './cost-history-panel.tsx'
import { RunningCosts } from './running-costs.tsx'
import { useBudgets, useCostNow, useCostRights } from './use-costs.ts'
import { StaleLine } from '../ui/stale-line.tsx'

/** Fetched when somebody opens it. */
const BudgetSheet = lazy(async () => ({ default: (await import('./budget-sheet.tsx')).BudgetSheet }))

const route = getRouteApi('/frame/costs')

/** What is spent, on what, how it goes on, and how much may be. */
export function CostsPage() {
  usePageName(undefined, 'Costs')
  return <div className="h-full overflow-y-auto">{useCostRights().maySee ? <Costs /> : <NoPermission />}</div>
}

function Costs() {
  const now = useCostNow()
  return (
    <div className="mx-auto flex max-w-[1600px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
      <h1 className="text-20 font-semibold tracking-tight">Costs</h1>
      {now.data ? (
        <>
          {now.error ? <StaleLine error={now.error} readAt={now.dataUpdatedAt} /> : null}
          <Now now={now.data} />
          <BudgetList />
          <CostHistoryPanel />
          <RunningCosts />
          <OpenSheet currency={now.data.currencies[0]?.currency ?? 'USD'} />
        </>
      ) : now.error ? (
        <ErrorNotice error={now.error} onRetry={() => void now.refetch()} />
      ) : (
        <div className="waits h-24 rounded-lg border border-line bg-surface" aria-busy="true" aria-label="On its way" />
      )}
    </div>
  )
}

function Now({ now }: { now: CostNow }) {
  if (!now.hasRates && now.currencies.length === 0) return <NoRates />
  return (
    <section aria-label="Now" className="flex flex-col gap-2">
      {now.currencies.length === 0 ? <p className="text-muted">No job with a price has run yet.</p> : null}
      {now.currencies.map(({ currency, perHour, running, spent, monthProjected }) => {
        const money = (amount: number): string => formatMoney(amount, currency)
        const figures = [
          ['An hour, now', money(perHour), `${running} running`],
          ['Today', money(spent.today), undefined],
          ['This month', money(spent.month), undefined],
          ['This month, projected', money(monthProjected), 'estimate: what runs now runs on'],
          ['In all', money(spent.total), undefined],
        ] as const
        return (
          <dl
            key={currency}
            aria-label={`Costs in ${currency}`}
            className="cells grid-cols-2 overflow-hidden rounded-lg border border-line sm:grid-cols-5"
          >
            {figures.map(([term, value, note]) => (
              <div key={term} className="flex min-w-0 flex-col bg-surface px-3 py-2 last:max-sm:col-span-2">
                <dt className="text-12 text-muted">{term}</dt>
                <dd className="text-20 font-medium">{value}</dd>
                {note === undefined ? null : <dd className="text-12 text-muted">{note}</dd>}
              </div>
            ))}
          </dl>
        )
      })}
      {now.unpricedRunning === 0 ? null : (
        <p className="text-12 text-muted">
          {now.unpricedRunning === 1 ? 'One job runs' : `${now.unpricedRunning} jobs run`} without a price: no rate
          matches.
        </p>
      )}
    </section>
  )
}

function NoRates() {
  const { maySetRates } = useCostRights()
  return (
    <section aria-label="Now" className="rounded-lg border border-line bg-surface">
      <Notice title="Nobody has said what hours cost">
        <p>
          A job costs its hours times the price of its machines. Prices are rates: per GPU-hour or per host-hour, by
          GPU, target and project. Past jobs get their cost as soon as there are some.
        </p>
        {maySetRates ? (
          <p>
            <Link to="/system" className="text-accent underline">
              Set rates
            </Link>
          </p>
        ) : (
          <p>An admin sets them on the page System.</p>
        )}
      </Notice>
    </section>
  )
}

/** The sheet that the address names, for those who may open it. */
function OpenSheet({ currency }: { currency: string }) {
  const { budget: open } = route.useSearch()
  const navigate = route.useNavigate()
  const { mayManage } = useCostRights()
  const budgets = useBudgets()
  const budget = budgets.data?.budgets.find(({ id }) => String(id) === open)
  if (!mayManage || (open !== 'new' && !budget)) return null
  const close = (): void => void navigate({ search: ({ budget: _, ...rest }) => rest })
  return (
    <Suspense fallback={null}>
      <BudgetSheet key={open} budget={budget} currency={currency} onClose={close} />
    </Suspense>
  )
}

function NoPermission() {
  const { role } = useSession()
  return (
    <Notice title="Costs are for those who see jobs">
      <p>
        You are signed in as {role}. Seeing costs needs the permission{' '}
        <code className="font-mono text-12">training:view</code>, which viewers, members and admins have. An admin can
        give it.
      </p>
    </Notice>
  )
}
