import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { BatchUsage } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { usePageName } from '../app/crumbs.tsx'
import { useServices } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { type UsageFrame, usageFrames } from '../usage/usage-frame.ts'
import { formatCost } from './batch-words.ts'
import { NoPermission } from './no-permission.tsx'
import { StaleLine } from '../ui/stale-line.tsx'
import { beginOf, sumUsage, type UsageSum } from './sum-usage.ts'
import { useBatchRights } from './use-batches.ts'

const route = getRouteApi('/frame/batches/usage')
const refreshMs = 60_000

/** Who asked which models for how much. */
export function UsagePage() {
  usePageName('Usage', 'Usage of batches')
  return <div className="h-full overflow-y-auto">{useBatchRights().maySubmit ? <Usage /> : <NoPermission />}</div>
}

function Usage() {
  const { days = '30' } = route.useSearch()
  const navigate = route.useNavigate()
  const usage = useUsage(days)
  return (
    <div className="mx-auto flex max-w-[1600px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="text-20 font-semibold tracking-tight">Usage</h1>
        <div role="group" aria-label="Time frame" className="-mx-2 flex">
          {usageFrames.map((frame) => (
            <Button
              key={frame}
              look="quiet"
              aria-pressed={frame === days}
              onClick={() => void navigate({ search: frame === '30' ? {} : { days: frame }, replace: true })}
            >
              {frame === 'all' ? 'All' : `${frame} days`}
            </Button>
          ))}
        </div>
      </header>
      {usage.error && usage.data ? <StaleLine error={usage.error} readAt={usage.dataUpdatedAt} /> : null}
      {usage.data ? (
        <Found usage={usage.data} days={days} isOld={usage.isPlaceholderData} />
      ) : usage.error ? (
        <ErrorNotice error={usage.error} onRetry={() => void usage.refetch()} />
      ) : (
        <div className="waits h-64 rounded-lg border border-line bg-surface" aria-busy="true" aria-label="On its way" />
      )}
    </div>
  )
}

function useUsage(days: UsageFrame) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['batches', 'usage', days],
    queryFn: async ({ signal }) => {
      const from = beginOf(days, new Date())
      return client.call('batches.usage', { query: from === undefined ? {} : { from }, signal })
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: refreshMs,
  })
}

type FoundProps = { usage: BatchUsage; days: UsageFrame; isOld: boolean }

function Found({ usage: { rows, currency }, days, isOld }: FoundProps) {
  if (rows.length === 0)
    return (
      <p className="py-8 text-center text-muted">
        {days === 'all' ? 'No batch has been made yet.' : `No batch was made within ${days} days.`}
      </p>
    )
  const sum = sumUsage(rows)
  return (
    <div aria-busy={isOld} className="overflow-hidden rounded-lg border border-line bg-surface">
      <Totals sum={sum} currency={currency} />
      <Rows rows={rows} currency={currency} />
      <p className="border-t border-line px-3 py-2 text-12 text-muted sm:px-4">
        Of batches that were made {days === 'all' ? 'ever' : `within ${days} days`}.
        {rows.some(({ cost }) => cost === null)
          ? ' Where no engine that answered has a price, nothing is counted.'
          : ''}
      </p>
    </div>
  )
}

function Totals({ sum, currency }: { sum: UsageSum; currency: string }) {
  const figures = [
    ['Requests', formatCount(sum.total)],
    ['Failed', formatCount(sum.failed)],
    ['Tokens in', formatCount(sum.inputTokens)],
    ['Tokens out', formatCount(sum.outputTokens)],
    ['Cost', formatCost({ cost: sum.cost, currency })],
  ] as const
  return (
    <dl className="cells grid-cols-2 max-lg:[&>:last-child]:col-span-2 lg:grid-cols-5">
      {figures.map(([name, value]) => (
        <div key={name} className="flex min-w-0 flex-col bg-surface px-3 py-2 sm:px-4">
          <dt className="text-12 text-muted">{name}</dt>
          <dd className="text-16 font-medium wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const heads = ['Batches', 'Requests', 'Failed', 'Tokens in', 'from cache', 'Tokens out', 'reasoning', 'Cost'] as const
/** Columns that a phone has no room for. */
const wideHeads: readonly string[] = ['Batches', 'Failed', 'from cache', 'reasoning']

function cellClass(head: string | undefined): string {
  const isWide = head !== undefined && wideHeads.includes(head)
  return `px-1.5 py-1.5 text-right sm:px-2 whitespace-nowrap last:pr-3 sm:last:pr-4 ${isWide ? 'max-sm:hidden' : ''}`
}

function Rows({ rows, currency }: Pick<BatchUsage, 'rows' | 'currency'>) {
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label="By member and model"
      className="overflow-x-auto border-t border-line -outline-offset-2"
    >
      <table className="w-full border-collapse text-12">
        <thead>
          <tr className="text-muted">
            <th scope="col" className="w-full py-1.5 pr-2 pl-3 text-left font-normal sm:pl-4">
              Member, model
            </th>
            {heads.map((head) => (
              <th key={head} scope="col" className={`font-normal ${cellClass(head)}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ member, model, ...row }) => (
            <tr key={`${member.id} ${model ?? ''}`} className="border-t border-line align-top">
              <th scope="row" className="min-w-24 py-1.5 pr-2 pl-3 text-left font-normal wrap-anywhere sm:pl-4">
                <span className="block font-medium">{member.name}</span>
                <span className="text-muted">{model ?? 'no model known'}</span>
              </th>
              {listCells(row, currency).map((cell, at) => (
                <td key={heads[at]} className={cellClass(heads[at])}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** As `heads` has them. */
function listCells({ cost, ...row }: UsageSum, currency: string): string[] {
  const { batches, total, failed, inputTokens, cachedTokens, outputTokens, reasoningTokens } = row
  const counts = [batches, total, failed, inputTokens, cachedTokens, outputTokens, reasoningTokens]
  return [...counts.map((count) => formatCount(count)), formatCost({ cost, currency })]
}
