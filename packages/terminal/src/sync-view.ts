import { formatCount, sanitizeForTerminal } from '@pilothouse/signals'

import type { Paint } from './paint.ts'

/** What became of the reports of one run. */
export type SyncedRun = {
  folder: string
  uid: string | null
  page: string | null
  sent: number
  refused: number
  left: number
  /** Why something is left, and what to do next. */
  trouble: { message: string; next: string | null } | null
}

/** What `sync` says of each run, and at its end. */
export function viewSync(runs: readonly SyncedRun[], paint: Paint): string[] {
  if (runs.length === 0) return ['Nothing waits.']
  return runs.flatMap((run) => viewRun(run, paint))
}

function viewRun(run: SyncedRun, paint: Paint): string[] {
  const well = run.left === 0 && run.refused === 0 && run.trouble === null
  const sign = well ? paint('green', '✓') : paint('red', '✗')
  const counts = `${count(run.sent, 'report')} sent, ${formatCount(run.refused)} refused, ${formatCount(run.left)} left`
  const why = run.trouble === null ? [] : [`    ${sanitizeForTerminal(run.trouble.message)}`]
  const next = run.trouble?.next ?? null
  const aside = run.refused > 0 ? ['    What was refused is kept beside as .refused files.'] : []
  return [
    `${sign} ${sanitizeForTerminal(run.uid ?? '?')}  ${counts}  ${run.page ?? ''}`.trimEnd(),
    `    ${paint('dim', sanitizeForTerminal(run.folder))}`,
    ...why,
    ...(next === null ? [] : [`    ${paint('dim', '→')} ${sanitizeForTerminal(next)}`]),
    ...aside,
  ]
}

/** While it goes on. */
export function viewSyncProgress(sent: number, jobs: number): string {
  return `${count(sent, 'report')} of ${count(jobs, 'run')} sent …`
}

function count(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? '' : 's'}`
}
