import type { JobCard } from '@pilothouse/contract'
import { formatDuration, formatValue } from './format-value.ts'
import { makeHarmless } from './harmless-text.ts'
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
    { text: cleanName(job.name) },
    { text: cleanName(job.project) },
    { text: formatFraction(job.progress?.fraction ?? null) },
    { text: formatValue(job.headline?.last ?? null) },
    { text: formatDuration(elapsed) },
    { text: job.endedAt === null ? formatDuration(job.progress?.etaMs ?? null) : '' },
  ]
}

function formatFraction(fraction: number | null): string {
  return fraction === null ? '–' : `${Math.floor(fraction * 100)} %`
}

function cleanName(name: string): string {
  return makeHarmless(name, { colours: false }).replaceAll('\t', ' ')
}
