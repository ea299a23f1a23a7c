import type { Project, ProjectList } from '@pilothouse/contract'
import {
  describeDirt,
  describeDistance,
  describeHead,
  formatCount,
  formatRelativeTime,
  sanitizeForTerminal,
} from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { type Cell, type Column, viewTable } from './table.ts'

const columns: readonly Column[] = [
  { title: 'NAME' },
  { title: 'CODE' },
  { title: 'STATE' },
  { title: 'JOBS', align: 'right' },
  { title: 'RUNNING', align: 'right' },
  { title: 'LAST JOB', align: 'right' },
  { title: 'FROM', elastic: true },
]

/** Projects as a table, and below it what is wrong with some. */
export function viewProjects(
  { projects, total }: ProjectList,
  { paint, width, now }: { paint: Paint; width: number; now: number },
): string[] {
  if (projects.length === 0) return ['No project yet: «pilothouse projects add FOLDER» adds one.']
  const rows = projects.map((one) => viewRow(one, paint, now))
  const [head = '', ...lines] = viewTable(columns, rows, width)
  const faults = projects.flatMap((one) => (one.fault === null ? [] : [viewFault(one, now)]))
  const rest = total - projects.length
  return [
    paint('dim', head),
    ...lines,
    ...faults.map((line) => paint('yellow', line)),
    ...(rest > 0 ? [paint('dim', `and ${formatCount(rest)} more`)] : []),
  ]
}

/** How it stands with one, in lines. */
export function viewProject(project: Project, now: number): string[] {
  const { name, source, code, fault, sync } = project
  const what = code === null ? (sync === null ? 'not read yet' : 'being fetched') : describeCode(code)
  const subject = code?.commit ? [`  ${code.commit.subject}`] : []
  const lines = [`${name}: ${what}`, ...subject, ...(source ? [`  ${source.place}`] : [])]
  return [...lines.map(sanitizeForTerminal), ...(fault === null ? [] : [viewFault(project, now)])]
}

function describeCode(code: NonNullable<Project['code']>): string {
  return [describeHead(code), describeDistance(code), describeDirt(code)].filter((part) => part !== null).join(' · ')
}

function viewRow({ name, code, jobs, source, sync, fault }: Project, paint: Paint, now: number): Cell[] {
  const dirt = code === null ? null : describeDirt(code)
  const [state, style] = sync
    ? ([sync.words, 'cyan'] as const)
    : fault
      ? (['! see below', 'yellow'] as const)
      : ([dirt ?? (code?.commit ? 'clean' : '–'), dirt === null ? 'dim' : 'yellow'] as const)
  return [
    { text: sanitizeForTerminal(name) },
    { text: code === null ? '–' : sanitizeForTerminal(describeHead(code)) },
    { text: state, paint: (text) => paint(style, text) },
    { text: formatCount(jobs.total) },
    { text: jobs.running === 0 ? '–' : formatCount(jobs.running) },
    { text: jobs.last === null ? '–' : formatRelativeTime(jobs.last.createdAt, now) },
    { text: sanitizeForTerminal(source?.place ?? 'jobs alone') },
  ]
}

function viewFault({ name, fault }: Project, now: number): string {
  if (fault === null) return ''
  return sanitizeForTerminal(
    `! ${name}, first noticed ${formatRelativeTime(fault.since, now)}: ${fault.message} ${fault.hint}`,
  )
}
