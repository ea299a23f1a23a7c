import type { JobPerformance, JobState, StageState, TimedAttempt } from '@pilothouse/contract'

export type TimelinePart = {
  /** Name of the stage; null for time of the attempt that no stage covers. */
  stage: string | null
  state: StageState
  from: number
  to: number
}

export type TimelineRow = {
  attempt: number
  state: JobState
  from: number
  to: number
  /** From `from` to `to` without holes, in order. */
  parts: TimelinePart[]
}

/** Shorter times between two stages are how long it takes to say so, ms. */
const holeMs = 1_000

/** The attempts of a job as bars: stages in the order in which they began, each until it ended or the next one began. */
export function layoutTimeline({ attempts, at }: Pick<JobPerformance, 'attempts' | 'at'>): TimelineRow[] {
  return attempts.map((attempt) => {
    const from = attempt.startedAt
    const to = Math.max(from, attempt.endedAt ?? at)
    return { attempt: attempt.number, state: attempt.state, from, to, parts: layoutParts(attempt, from, to) }
  })
}

function layoutParts({ stages }: TimedAttempt, from: number, to: number): TimelinePart[] {
  const begun = stages
    .filter(({ startedAt, endedAt }) => startedAt <= to && (endedAt ?? to) >= from)
    .sort((one, other) => one.startedAt - other.startedAt)
  const parts: TimelinePart[] = []
  let reached = from
  begun.forEach((stage, index) => {
    const next = begun[index + 1]?.startedAt ?? to
    const start = Math.max(reached, stage.startedAt - reached <= holeMs ? reached : stage.startedAt)
    const end = Math.min(to, Math.max(start, Math.min(stage.endedAt ?? to, next)))
    if (start > reached) parts.push(makeHole(reached, start))
    parts.push({ stage: stage.name, state: stage.state, from: start, to: end })
    reached = end
  })
  if (begun.length > 0 && to - reached > holeMs) parts.push(makeHole(reached, to))
  const last = parts.at(-1)
  if (last && last.to < to) last.to = to
  return parts
}

function makeHole(from: number, to: number): TimelinePart {
  return { stage: null, state: 'skipped', from, to }
}
