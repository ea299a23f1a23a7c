/** What a process has printed, as a report of its job: for jobs whose output is read from outside. */
import type { StageEvent, StateEvent } from '@pilothouse/contract'
import type { OutputPoint } from './read-output.ts'

/** What it printed and what became of it, by the server's clock. */
export type OutputReport = {
  lines: readonly string[]
  /** The line under way; null: none. */
  open: string | null
  points: readonly OutputPoint[]
  stages: readonly StageEvent[]
  totals: { totalSteps?: number; totalEpochs?: number }
  state: StateEvent | null
}

type ReportPlace = {
  writer: string
  attempt: number
  number: number
  now: number
  offsetMs: number
  /** Points of the machine at `now`, beside what was printed. */
  more?: readonly { source: string; step: number; values: Readonly<Record<string, number>> }[]
}

/** The job's own clock is what its reports are told by: ours is put into it, or it would be taken for another measure of it. */
export function formatOutputReport(
  { lines, open, points, stages, totals, state }: OutputReport,
  { writer, attempt, number, now, offsetMs, more = [] }: ReportPlace,
): Buffer {
  const at = now + offsetMs
  const logs =
    lines.length > 0 || open !== null
      ? [{ stream: 'stdout', times: lines.map(() => at), lines, ...(open === null ? {} : { open }) }]
      : []
  const report = {
    attempt,
    writer,
    number,
    role: state === null ? 'parser' : 'exit',
    sentAt: at,
    logs,
    points: [
      ...points.map(({ step, epoch, metrics, at: readAt }) => ({
        keys: [...metrics.keys()],
        steps: [step],
        times: [readAt + offsetMs],
        ...(epoch === null ? {} : { epochs: [epoch] }),
        values: Array.from(metrics.values(), (value) => [Number.isFinite(value) ? value : String(value)]),
      })),
      ...more.map(({ source, step, values }) => ({
        source,
        keys: Object.keys(values),
        steps: [step],
        times: [at],
        values: Object.values(values).map((value) => [value]),
      })),
    ],
    stages: stages.map((stage) => ({ ...stage, at: stage.at + offsetMs })),
    ...(Object.keys(totals).length > 0 ? { job: totals } : {}),
    ...(state === null ? {} : { state: { ...state, at: state.at + offsetMs } }),
  }
  return Buffer.from(JSON.stringify(report))
}
