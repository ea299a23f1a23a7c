import type { JobCard } from '@pilothouse/contract'
import { formatDuration, formatValue, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { stateStyles } from './state-style.ts'
import { type Cell, type Column, viewTable } from './table.ts'

const columns: readonly Column[] = [
  { title: 'UID' },
  { title: 'STATE' },
  { title: 'NAME', elastic: true },
  { title: 'PROJECT' },
  { title: 'PROGRESS', align: 'right' },
  { title: 'LOSS', align: 'right' },
  { title: 'ELAPSED', align: 'right' },
  { title: 'LEFT', align: 'right' },
]

/** The jobs as a table, and below it how many of how many these are. */
export function viewJobs(
  { jobs, total }: { jobs: readonly JobCard[]; total: number },
  { paint, width, now }: { paint: Paint; width: number; now: number },
): string[] {
  if (jobs.length === 0) return ['No jobs match. `pilothouse run -- COMMAND` starts one; --help shows the filters.']
  const [head = '', ...lines] = viewTable(
    columns,
    jobs.map((job) => viewRow(job, paint, now)),
    width,
  )
  const rest = total > jobs.length ? [paint('dim', `${jobs.length} of ${total} jobs; --limit shows more`)] : []
  return [paint('dim', head), ...lines, ...rest]
}

function viewRow(job: JobCard, paint: Paint, now: number): Cell[] {
  const { sign, style } = stateStyles[job.state]
  const elapsed = job.startedAt === null ? null : (job.endedAt ?? now) - job.startedAt
  return [
    { text: job.uid },
    { text: `${sign} ${job.state}`, paint: (text) => paint(style, text) },
    { text: sanitizeForTerminal(job.name) },
    { text: sanitizeForTerminal(job.project) },
    { text: formatOr(formatFraction, job.progress?.fraction) },
    { text: formatOr(formatValue, job.headline?.last) },
    { text: formatOr(formatDuration, elapsed) },
    { text: job.endedAt === null ? formatOr(formatDuration, job.progress?.etaMs) : '' },
  ]
}

function formatFraction(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`
}

function formatOr(format: (value: number) => string, value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : format(value)
}
