import type { UsageGroup, UsageHistory } from '@pilothouse/contract'
import {
  describeUse,
  formatCount,
  formatDuration,
  formatMoney,
  formatUsageHours,
  nameCause,
  sanitizeForTerminal,
} from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { type Column, viewTable } from './table.ts'

type View = { paint: Paint; width: number }

/** What became of jobs, in lines: outcomes, times, hours, use, groups and causes. */
export function viewUsage(history: UsageHistory, view: View): string[] {
  const { total, currency, waited, ran, causes } = history
  if (total.jobs === 0) return ['No job has ended within this time.']
  const outcomes = (['completed', 'failed', 'cancelled', 'lost'] as const).flatMap((state) =>
    total[state] === 0 ? [] : `${formatCount(total[state])} ${state}`,
  )
  const cost = currency === null ? '' : ` · ${formatMoney(total.cost, currency)}`
  return [
    `${formatCount(total.jobs)} jobs ended: ${outcomes.join(', ')}`,
    `${formatUsageHours(total.hours)} hours · ${formatUsageHours(total.gpuHours)} GPU-hours${cost}`,
    `Waited: ${describeSpread(waited)}`,
    `Ran: ${describeSpread(ran)}`,
    ...describeUse(history.use),
    ...viewGroups('MEMBER', history.members, currency, view),
    ...viewGroups('WHERE', history.places, currency, view),
    ...viewGroups('GPU', history.gpus, currency, view),
    ...(causes.length === 0 ? [] : ['', view.paint('dim', 'WHY JOBS DID NOT COMPLETE')]),
    ...causes.map(({ cause, jobs }) => sanitizeForTerminal(`${formatCount(jobs)}  ${nameCause(cause)}`)),
  ]
}

function describeSpread({ jobs, median, p90 }: UsageHistory['ran']): string {
  if (median === null || p90 === null) return 'not known of any job'
  return `median ${formatDuration(median)}, nine of ten at most ${formatDuration(p90)} (${formatCount(jobs)} jobs)`
}

function viewGroups(
  title: string,
  groups: readonly UsageGroup[],
  currency: string | null,
  { paint, width }: View,
): string[] {
  const columns: Column[] = [
    { title, elastic: true },
    { title: 'JOBS', align: 'right' },
    { title: 'FAILED', align: 'right' },
    { title: 'GPU-HOURS', align: 'right' },
    ...(currency === null ? [] : [{ title: 'COST', align: 'right' } as const]),
  ]
  const rows = groups.map(({ name, jobs, failed, gpuHours, cost }) =>
    [
      sanitizeForTerminal(name ?? '–'),
      formatCount(jobs),
      formatCount(failed),
      formatUsageHours(gpuHours),
      ...(currency === null ? [] : [formatMoney(cost, currency)]),
    ].map((text) => ({ text })),
  )
  const [head = '', ...lines] = viewTable(columns, rows, width)
  return ['', paint('dim', head), ...lines]
}
