import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import type { UsageGroup, UsageHistory, UsageHistoryQuery } from '@pilothouse/contract'
import { describeUse, formatCount, formatDuration, formatMoney, formatUsageHours, nameCause } from '@pilothouse/signals'
import { useServices } from '../app/services.ts'
import { BarChart } from '../jobs/bar-chart.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import type { UsageFrame } from './usage-frame.ts'

const refreshMs = 60_000
/** Of all the time there is. */
const allParts = 52

type PanelProps = { of: { project: string } | { target: string }; frame: UsageFrame }

/** How jobs ended, what they waited, ran and took, what of that they used, and why some failed. */
export function UsagePanel({ of, frame }: PanelProps) {
  const { client } = useServices()
  const history = useQuery({
    queryKey: ['usage-history', of, frame],
    queryFn: async ({ signal }) =>
      client.call('usage.history', { query: { ...of, ...buildRange(frame, new Date()) }, signal }),
    refetchInterval: refreshMs,
    placeholderData: (before) => before,
  })
  if (history.data) {
    const isStale = history.isPlaceholderData
    return history.data.total.jobs === 0 && !isStale ? (
      <Empty frame={frame} />
    ) : (
      <div className="border-t border-line" aria-busy={isStale}>
        <Figures history={history.data} isByDay={frame !== 'all'} />
        <Use use={history.data.use} />
        <Groups history={history.data} />
      </div>
    )
  }
  if (history.error) return <ErrorNotice error={history.error} onRetry={() => void history.refetch()} />
  return <div className="waits h-64 border-t border-line" aria-busy="true" aria-label="The history is on its way" />
}

/** Days of whoever looks. */
export function buildRange(frame: UsageFrame, now: Date): Pick<UsageHistoryQuery, 'from' | 'until' | 'parts'> {
  const at = (day: number): number => new Date(now.getFullYear(), now.getMonth(), now.getDate() + day).getTime()
  if (frame === 'all') return { until: at(1), parts: allParts }
  return { from: at(1 - Number(frame)), until: at(1), parts: Number(frame) }
}

function Empty({ frame }: { frame: UsageFrame }) {
  return (
    <p className="border-t border-line px-3 sm:px-4 py-3 text-muted">
      No job has ended {frame === 'all' ? 'yet' : `within ${frame} days`}. Here will be how jobs ended, how long they
      waited and ran, what they took and what of it they used, by member, place and GPU, and why some failed.
    </p>
  )
}

function Figures({ history, isByDay }: { history: UsageHistory; isByDay: boolean }) {
  const [at, setAt] = useState<number>()
  const { total, currency, waited, ran } = history
  const figures: [string, string, string | undefined][] = [
    ['GPU-hours', formatUsageHours(total.gpuHours), undefined],
    currency === null ? ['Hours', formatUsageHours(total.hours), undefined] : costFigure(total, currency),
    ['Waited, median', spreadWords(waited.median), describeSpread(waited)],
    ['Ran, median', spreadWords(ran.median), describeSpread(ran)],
  ]
  return (
    <div className="grid lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div className="min-w-0">
        <BarChart
          name="Jobs that ended"
          total={formatCount(total.jobs)}
          each={isByDay ? 'day' : 'span'}
          parts={history.parts.map(({ at: start, completed, failed, cancelled, lost }) => ({
            at: start,
            words: describeOutcomes({ completed, failed, cancelled, lost }),
            bars: [
              { value: completed, tone: 'good' },
              { value: failed, tone: 'bad' },
              { value: cancelled + lost, tone: 'grey' },
            ],
          }))}
          at={at}
          onAt={setAt}
        />
        <Legend
          counts={[
            ['completed', total.completed, 'bg-good'],
            ['failed', total.failed, 'bg-bad'],
            ['cancelled or lost', total.cancelled + total.lost, 'bg-line-strong'],
          ]}
        />
      </div>
      <dl className="cells grid-cols-2 border-t border-line lg:border-t-0 lg:border-l">
        {figures.map(([term, value, note]) => (
          <div key={term} className="flex min-w-0 flex-col bg-surface px-3 sm:px-4 py-2">
            <dt className="text-12 text-muted">{term}</dt>
            <dd className="text-16 font-medium">{value}</dd>
            {note === undefined ? null : <dd className="text-12 text-muted wrap-anywhere">{note}</dd>}
          </div>
        ))}
      </dl>
    </div>
  )
}

/** What the colours of the bars stand for, with how many there are of each. */
function Legend({ counts }: { counts: readonly (readonly [string, number, string])[] }) {
  return (
    <ul aria-label="Outcomes" className="flex flex-wrap gap-x-4 px-3 pb-2 text-12 text-muted sm:px-4">
      {counts.map(([outcome, count, fill]) => (
        <li key={outcome} className="flex items-center gap-1.5">
          <span className={`size-2 rounded-full ${fill}`} aria-hidden /> {formatCount(count)} {outcome}
        </li>
      ))}
    </ul>
  )
}

function costFigure(
  { cost, unpricedHours }: UsageHistory['total'],
  currency: string,
): [string, string, string | undefined] {
  const lacks =
    unpricedHours >= 0.05 ? `without ${formatUsageHours(unpricedHours)} hours that no rate matches` : undefined
  return ['Cost', formatMoney(cost, currency), lacks]
}

function spreadWords(ms: number | null): string {
  return ms === null ? '–' : formatDuration(ms)
}

function describeSpread({ jobs, p90 }: UsageHistory['ran']): string {
  if (p90 === null) return 'not known of any job'
  const most = formatDuration(p90).replaceAll(' ', '\u00A0')
  return `nine of ten at most ${most}, ${jobs === 1 ? '1 job' : `${formatCount(jobs)} jobs`}`
}

function describeOutcomes(counts: Record<'completed' | 'failed' | 'cancelled' | 'lost', number>): string {
  const words = Object.entries(counts).flatMap(([outcome, count]) =>
    count > 0 ? `${formatCount(count)} ${outcome}` : [],
  )
  return words.length === 0 ? 'none' : words.join(', ')
}

function Use({ use }: { use: UsageHistory['use'] }) {
  const said = describeUse(use)
  return (
    <div className="border-t border-line px-3 sm:px-4 py-2">
      <h3 className="text-12 text-muted">Asked for and used</h3>
      {said.length === 0 ? (
        <p className="text-muted">
          Not known: no job of these was launched from here with a limit of time or memory, or told what its GPUs did.
        </p>
      ) : (
        <ul className="flex flex-wrap gap-x-6">
          {said.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Groups({ history }: { history: UsageHistory }) {
  const { members, places, gpus, causes, currency } = history
  const largest = Math.max(1, ...causes.map(({ jobs }) => jobs))
  return (
    <div className="cells border-t border-line md:grid-cols-2">
      <GroupTable title="Member" otherwise="not known" groups={members} currency={currency} />
      <GroupTable title="Where" otherwise="not told" groups={places} currency={currency} />
      <GroupTable title="GPU" otherwise="none told" groups={gpus} currency={currency} />
      <div className="min-w-0 bg-surface px-3 sm:px-4 pt-1.5 pb-2">
        <h3 className="text-12 text-muted">Why jobs did not complete</h3>
        {causes.length === 0 ? <p>All of them completed.</p> : null}
        <ul className="flex flex-col gap-1 pt-1">
          {causes.map(({ cause, jobs }) => (
            <li key={cause} className="grid grid-cols-[minmax(0,1fr)_minmax(64px,40%)_auto] items-center gap-2 text-12">
              <span className="truncate" title={nameCause(cause)}>
                {nameCause(cause)}
              </span>
              <span className="h-1.5" aria-hidden>
                <span
                  className="block h-full rounded-sm bg-line-strong"
                  style={{ width: `${(jobs / largest) * 100}%` }}
                />
              </span>
              <span className="min-w-6 text-right">{formatCount(jobs)}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

type GroupProps = { title: string; otherwise: string; groups: readonly UsageGroup[]; currency: string | null }

function GroupTable({ title, otherwise, groups, currency }: GroupProps) {
  const heads = ['Jobs', 'Failed', 'GPU-hours', ...(currency === null ? [] : ['Cost'])]
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label={`By ${title.toLowerCase()}`}
      className="min-w-0 overflow-x-auto bg-surface -outline-offset-2"
    >
      <table className="w-full border-collapse text-12">
        <thead>
          <tr className="text-muted">
            <th scope="col" className="w-full py-1.5 pr-2 pl-3 sm:pl-4 text-left font-normal">
              {title}
            </th>
            {heads.map((head) => (
              <th
                key={head}
                scope="col"
                className="min-w-16 px-2 py-1.5 text-right font-normal whitespace-nowrap last:pr-3 sm:last:pr-4"
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ name, jobs, failed, gpuHours, cost }) => (
            <tr key={name} className="border-t border-line">
              <th scope="row" className="py-1 pr-2 pl-3 sm:pl-4 text-left font-medium wrap-anywhere">
                {name ?? <span className="font-normal text-muted">{otherwise}</span>}
              </th>
              {[
                formatCount(jobs),
                formatCount(failed),
                formatUsageHours(gpuHours),
                ...(currency === null ? [] : [formatMoney(cost, currency)]),
              ].map((cell, at) => (
                <td key={heads[at]} className="px-2 py-1 text-right whitespace-nowrap last:pr-3 sm:last:pr-4">
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
