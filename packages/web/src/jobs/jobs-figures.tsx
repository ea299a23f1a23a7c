import { Link } from '@tanstack/react-router'
import type { JobStatistics } from '@pilothouse/contract'
import { formatCount, formatDuration, formatMoney } from '@pilothouse/signals'
import type { JobsSearch } from './jobs-search.ts'

type Figure = { label: string; value: string; search: JobsSearch; note?: string }

/** Quiet figures, each a way to the jobs behind it: five, and the cost where somebody set rates. */
export function JobsFigures({ statistics }: { statistics: JobStatistics | undefined }) {
  const figures = statistics ? listFigures(statistics) : emptyFigures
  return (
    <ul
      className="cells shrink-0 grid-cols-[repeat(auto-fit,minmax(128px,1fr))] rounded-lg border border-line bg-surface max-sm:flex max-sm:overflow-x-auto"
      aria-label="Figures"
    >
      {figures.map(({ label, value, search, note }) => (
        <li key={label} className="min-w-[112px] flex-1 bg-surface">
          <Link
            to="/"
            search={search}
            className="flex h-full flex-col px-4 py-2.5 -outline-offset-2 transition-colors hover:bg-hover"
            title={note}
          >
            <span className="text-12 whitespace-nowrap text-muted">{label}</span>
            <span className="text-20 font-medium whitespace-nowrap">{value}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

function listFigures(statistics: JobStatistics): Figure[] {
  const { counts, gpuHoursWeek, hoursWeek, costWeek, successRate, meanDurationMs } = statistics
  const mean = meanDurationMs === null ? '' : ` A job takes ${formatDuration(meanDurationMs)} on average.`
  return [
    { label: 'Running', value: formatCount(counts.running + counts.paused), search: { state: ['running', 'paused'] } },
    {
      label: 'Waiting',
      value: formatCount(counts.queued + counts.submitting + counts.pending),
      search: { state: ['queued', 'submitting', 'pending'] },
    },
    { label: 'Failed today', value: formatCount(statistics.failedToday), search: { state: ['failed'], time: '1d' } },
    gpuHoursWeek > 0
      ? { label: 'GPU-hours, 7 days', value: formatHours(gpuHoursWeek), search: { time: '7d' } }
      : {
          label: 'Hours, 7 days',
          value: formatHours(hoursWeek),
          search: { time: '7d' },
          note: 'Hours of all attempts; no GPU was reported.',
        },
    ...(costWeek ? [costFigure(costWeek)] : []),
    {
      label: 'Success rate',
      value: successRate === null ? '–' : `${Math.round(successRate * 100)} %`,
      search: { state: ['completed', 'failed', 'lost'] },
      note: `Completed among those that ended by themselves.${mean}`,
    },
  ]
}

function costFigure({ amount, currency, unpricedHours }: NonNullable<JobStatistics['costWeek']>): Figure {
  const figure: Figure = {
    label: 'Cost, 7 days',
    value: formatMoney(amount, currency),
    search: { time: '7d', sort: 'cost', order: 'desc' },
  }
  const hours = formatHours(unpricedHours)
  return hours === '0.0' ? figure : { ...figure, note: `Without ${hours} hours of jobs that no rate matches.` }
}

const emptyFigures: Figure[] = ['Running', 'Waiting', 'Failed today', 'Hours, 7 days', 'Success rate'].map((label) => ({
  label,
  value: '\u2007',
  search: {},
}))

function formatHours(hours: number): string {
  return hours >= 100 ? formatCount(hours) : hours.toFixed(1)
}
