import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { JobHistory } from '@pilothouse/contract'
import { formatCount, formatDuration, formatMoney } from '@pilothouse/signals'
import { X } from 'lucide-react'
import { useServices, useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { BarChart } from './bar-chart.tsx'
import type { Bar } from './stack-bars.ts'
import { buildHistoryQuery } from './jobs-query.ts'
import { chartDays, type ChartDays, type JobsSearch } from './jobs-search.ts'

const refreshMs = 60_000

type Part = JobHistory['parts'][number]
type HistoryChart = {
  name: string
  /** Over the whole range. */
  total: string
  read: (part: Part) => { words: string; bars: readonly Bar[] }
}

/** What became of the jobs of the list, day by day: outcome, success, hours, costs, durations. */
export function HistoryPanel({ search, days }: { search: JobsSearch; days: ChartDays }) {
  const { client } = useServices()
  const navigate = useNavigate({ from: '/' })
  const [at, setAt] = useState<number>()
  const { view: _, columns: __, sort: ___, order: ____, charts: _____, add: ______, time: _______, ...filters } = search
  const history = useQuery({
    queryKey: ['history', filters, days],
    queryFn: async ({ signal }) =>
      client.call('jobs.history', { query: buildHistoryQuery(search, Number(days), new Date()), signal }),
    refetchInterval: refreshMs,
    placeholderData: (before) => before,
  })
  const change = (charts: ChartDays | undefined): void =>
    void navigate({
      search: ({ charts: before, ...rest }: JobsSearch) => (charts === undefined ? rest : { ...rest, charts }),
      replace: true,
    })
  return (
    <section
      aria-label="Statistics"
      className="arrives shrink-0 overflow-hidden rounded-lg border border-line bg-surface"
    >
      <div className="flex items-center gap-1 border-b border-line py-1 pr-1 pl-4">
        <h2 className="mr-auto text-12 text-muted">
          Jobs that ended, by day
          {Object.keys(filters).length > 0 ? ', of those that match' : ''}
        </h2>
        <div role="group" aria-label="Days" className="flex">
          {chartDays.map((one) => (
            <Button key={one} look="quiet" aria-pressed={one === days} onClick={() => change(one)}>
              {one} days
            </Button>
          ))}
        </div>
        <Button look="quiet" square aria-label="Close statistics" title="Close" onClick={() => change(undefined)}>
          <X size={14} aria-hidden />
        </Button>
      </div>
      {history.isError && !history.data ? (
        <ErrorNotice error={history.error} onRetry={() => void history.refetch()} />
      ) : (
        <div
          className={`cells grid-cols-2 max-lg:[&>:last-child:nth-child(odd)]:col-span-2 ${history.data?.currency ? 'lg:grid-cols-5' : 'lg:grid-cols-4'}`}
        >
          {listCharts(history.data).map((chart) => (
            <BarChart
              key={chart.name}
              name={chart.name}
              total={chart.total}
              parts={history.data?.parts.map((part) => ({ at: part.at, ...chart.read(part) })) ?? []}
              at={at}
              onAt={setAt}
            />
          ))}
        </div>
      )}
      <CostNote history={history.data} />
    </section>
  )
}

/** Which hours the costs lack; to those who could change it, that no rates are set. */
function CostNote({ history }: { history: JobHistory | undefined }) {
  const { permissions } = useSession()
  const look = 'border-t border-line px-4 py-1.5 text-12 text-muted'
  if (!history) return null
  if (history.currency !== null) {
    const hours = formatHours(history.total.unpricedHours)
    return hours === '0.0' ? null : <p className={look}>Costs lack {hours} hours of jobs that no rate matches.</p>
  }
  if (!permissions.includes('system:manage')) return null
  return (
    <p className={look}>
      What these hours cost is not known.{' '}
      <Link to="/system" className="text-accent underline">
        Set rates
      </Link>
    </p>
  )
}

const dash = '–'

function listCharts(history: JobHistory | undefined): HistoryChart[] {
  const total = history?.total
  const ended = total && total.completed + total.failed + total.cancelled + total.lost
  const usesGpus = total === undefined || total.gpuHours > 0
  const charts: HistoryChart[] = [
    {
      name: 'Jobs',
      total: ended === undefined ? '\u2007' : formatCount(ended),
      read: ({ completed, failed, cancelled, lost }) => ({
        words: describeOutcomes({ completed, failed, cancelled, lost }),
        bars: [
          { value: completed, tone: 'good' },
          { value: failed, tone: 'bad' },
          { value: cancelled + lost, tone: 'grey' },
        ],
      }),
    },
    {
      name: 'Success rate',
      total: total ? formatShare(total.successRate) : '\u2007',
      read: ({ completed, failed, lost }) => {
        const decided = completed + failed + lost
        const share = decided === 0 ? null : completed / decided
        return {
          words: share === null ? 'no job ended by itself' : `${formatShare(share)} of ${formatCount(decided)}`,
          bars: [{ value: share ?? 0, tone: 'accent' }],
        }
      },
    },
    {
      name: usesGpus ? 'GPU-hours' : 'Hours',
      total: total ? formatHours(usesGpus ? total.gpuHours : total.hours) : '\u2007',
      read: ({ hours, gpuHours }) => {
        const value = usesGpus ? gpuHours : hours
        return { words: formatHours(value), bars: [{ value, tone: 'accent' }] }
      },
    },
    {
      name: 'Mean duration',
      total: total ? (total.meanDurationMs === null ? dash : formatDuration(total.meanDurationMs)) : '\u2007',
      read: ({ meanDurationMs }) => ({
        words: meanDurationMs === null ? 'none completed' : formatDuration(meanDurationMs),
        bars: [{ value: meanDurationMs ?? 0, tone: 'accent' }],
      }),
    },
  ]
  const currency = history?.currency ?? null
  if (currency !== null) charts.splice(3, 0, costChart(total?.cost ?? 0, currency))
  return charts
}

function costChart(total: number, currency: string): HistoryChart {
  return {
    name: 'Cost',
    total: formatMoney(total, currency),
    read: ({ cost }) => ({ words: formatMoney(cost, currency), bars: [{ value: cost, tone: 'accent' }] }),
  }
}

function describeOutcomes(counts: Record<'completed' | 'failed' | 'cancelled' | 'lost', number>): string {
  const words = Object.entries(counts).flatMap(([outcome, count]) =>
    count > 0 ? `${formatCount(count)} ${outcome}` : [],
  )
  return words.length === 0 ? 'none' : words.join(', ')
}

function formatShare(share: number | null): string {
  return share === null ? dash : `${Math.round(share * 100)} %`
}

function formatHours(hours: number): string {
  return hours >= 100 ? formatCount(hours) : hours.toFixed(1)
}
