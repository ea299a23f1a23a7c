import { formatCount, formatDuration } from '@pilothouse/signals'
import type { Paint } from './paint.ts'

/** How a command ended, and what became of its reports. */
export type RunEnd = {
  exitCode: number | null
  signal: string | null
  durationMs: number
  lines: number
  /** Lines and values that the control room has not acknowledged. */
  unsent: number
  /** The job's page. */
  page: string
}

/** What `run` says before the command's own output begins. */
export function viewRunStart({ uid, page }: { uid: string; page: string | null }, paint: Paint): string {
  return page === null
    ? `${paint('yellow', '!')} ${uid}: runs, though the control room does not answer yet`
    : `${paint('blue', '●')} ${uid}  ${page}`
}

/** What `run` says when the command has ended. */
export function viewRunEnd(end: RunEnd, paint: Paint): string {
  const well = end.exitCode === 0
  const sign = well ? paint('green', '✓') : paint('red', '✗')
  const facts = [
    `${describeEnd(end)} after ${formatDuration(end.durationMs)}`,
    `${formatCount(end.lines)} ${end.lines === 1 ? 'line' : 'lines'}`,
    describeUnsent(end.unsent),
  ]
  return `${sign} ${facts.filter(Boolean).join(', ')}  ${end.page}`
}

function describeEnd({ exitCode, signal }: RunEnd): string {
  if (signal !== null) return `ended by ${signal}`
  return exitCode === 0 ? 'completed' : `failed with exit code ${exitCode ?? 'unknown'}`
}

function describeUnsent(unsent: number): string {
  return unsent === 0 ? '' : `${formatCount(unsent)} lines and values did not reach the control room`
}
