import type { JobPerformance } from '@pilothouse/contract'
import { formatCount, formatDuration, layoutTimeline, type TimelinePart, type TimelineRow } from '@pilothouse/signals'
import { formatExactTime } from '../app/format-clock-time.ts'
import { StageSign, StateSign } from '../ui/state-sign.tsx'

/** What ran when: one bar an attempt, its stages in it, and beside each how long it took. */
export function Timeline({ performance }: { performance: JobPerformance }) {
  const rows = layoutTimeline(performance)
  const longestMs = Math.max(1, ...rows.map(({ from, to }) => to - from))
  const { attemptsLeftOut } = performance
  return (
    <section aria-labelledby="timeline-title" className="rounded-lg border border-line bg-surface px-3 pt-2.5 pb-3">
      <h2 id="timeline-title" className="font-medium">
        Timeline
      </h2>
      {attemptsLeftOut > 0 ? (
        <p className="text-12 text-muted">
          The last {formatCount(rows.length)} of {formatCount(rows.length + attemptsLeftOut)} attempts.
        </p>
      ) : null}
      <ol className="mt-1.5 flex flex-col gap-3">
        {rows.map((row) => (
          <AttemptRow key={row.attempt} row={row} longestMs={longestMs} isOnly={rows.length === 1} />
        ))}
      </ol>
    </section>
  )
}

function AttemptRow({ row, longestMs, isOnly }: { row: TimelineRow; longestMs: number; isOnly: boolean }) {
  const { attempt, state, from, to, parts } = row
  const span = `${formatExactTime(from)} to ${formatExactTime(to)}`
  return (
    <li className="flex flex-col gap-1.5">
      {isOnly ? null : (
        <div className="flex flex-wrap items-center gap-x-3">
          <span className="font-medium">Attempt {attempt}</span>
          <StateSign state={state} />
          <span className="text-muted" title={span}>
            {formatDuration(to - from)}
          </span>
        </div>
      )}
      <div
        aria-hidden
        title={span}
        className="flex h-2.5 min-w-2 gap-px overflow-hidden rounded-sm"
        style={{ width: `${((to - from) / longestMs) * 100}%` }}
      >
        {(parts.length > 0 ? parts : [wholeOf(row)]).map((part, at) => (
          <div key={part.from} className={shadeOf(part, at)} style={{ flexGrow: Math.max(part.to - part.from, 1) }} />
        ))}
      </div>
      <ul className="flex flex-wrap gap-x-5 gap-y-0.5">
        {parts.map((part, at) => (
          <PartWords key={part.from} part={part} at={at} totalMs={to - from} />
        ))}
        {parts.length === 0 ? (
          <li className="text-muted">{formatDuration(to - from)}, no stages were reported</li>
        ) : null}
      </ul>
    </li>
  )
}

function PartWords({ part, at, totalMs }: { part: TimelinePart; at: number; totalMs: number }) {
  const { stage, state, from, to } = part
  const share = totalMs > 0 ? Math.round(((to - from) / totalMs) * 100) : 0
  return (
    <li
      className="flex min-w-0 items-center gap-1.5"
      title={`${formatExactTime(from)} to ${formatExactTime(to)}, ${share} % of the time`}
    >
      <span aria-hidden className={`size-2.5 shrink-0 rounded-[2px] ${shadeOf(part, at)}`} />
      {stage === null ? null : <StageSign state={state} />}
      <span
        className={`min-w-0 truncate ${state === 'failed' ? 'font-medium text-bad' : stage === null ? 'text-muted' : ''}`}
      >
        {stage ?? 'no stage'}
      </span>
      <span className="text-12 whitespace-nowrap text-muted">{formatDuration(to - from)}</span>
    </li>
  )
}

function wholeOf({ state, from, to }: TimelineRow): TimelinePart {
  return { stage: '', state: state === 'failed' ? 'failed' : 'completed', from, to }
}

/** Neighbours differ in lightness; only a failure has a colour. */
function shadeOf({ stage, state }: TimelinePart, at: number): string {
  if (state === 'failed') return 'bg-bad'
  if (stage === null) return 'bg-line'
  if (state === 'active') return 'bg-accent'
  return at % 2 === 0
    ? 'bg-[color-mix(in_oklch,var(--muted)_72%,var(--surface))]'
    : 'bg-[color-mix(in_oklch,var(--muted)_42%,var(--surface))]'
}
