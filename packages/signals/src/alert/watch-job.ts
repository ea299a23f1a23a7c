/** Rules that look at a job as a whole: its state, its silence, its epochs. Pure. */
import type { AlertCondition, JobState, WatchedState } from '@pilothouse/contract'
import { isEnded, isLive } from '@pilothouse/contract/wire'
import { formatDuration } from '../format.ts'
import { describeEpoch, describeState } from './describe-rule.ts'
import { type Trigger, moveTrigger, quietTrigger } from './trigger.ts'
import type { AlertMove, WatchRule } from './watch-series.ts'

export type JobFacts = {
  state: JobState
  attempt: number
  startedAt: number | null
  endedAt: number | null
  /** When the last report arrived; null when none ever did. */
  heardAt: number | null
  /** First line of the error, when it failed. */
  errorMessage: string | null
}

export type StateRule = {
  condition: Extract<AlertCondition, { kind: 'state' }>
  /** Older states are old news, ms. */ sinceMs: number
}
/** Attempt and state that were told last; null before. */
export type StateWatch = { attempt: number; state: WatchedState } | null
/** Ended badly: open until somebody sees to it, or the job runs again. All else only tells of a moment. */
const lastingStates: readonly JobState[] = ['failed', 'lost']

/** True for an alert that stays open as long as its state lasts. */
export function isLastingState(state: string): boolean {
  return lastingStates.some((one) => one === state)
}

/** Told once for each attempt and state; a state that lasts is over when the job has left it. */
export function watchState(
  { condition, sinceMs }: StateRule,
  watch: StateWatch,
  job: JobFacts,
  now: number,
): { watch: StateWatch; moves: (AlertMove & { state: WatchedState })[] } {
  const state = condition.states.find((one) => one === job.state)
  const isSame = watch !== null && watch.state === state && watch.attempt === job.attempt
  if (isSame) return { watch, moves: [] }
  const over =
    watch !== null && isLastingState(watch.state)
      ? [
          {
            kind: 'resolved' as const,
            at: now,
            step: null,
            value: null,
            text: `The job is ${job.state}.`,
            state: watch.state,
          },
        ]
      : []
  if (state === undefined) return { watch: null, moves: over }
  const next = { attempt: job.attempt, state }
  const at = (isEnded(state) ? job.endedAt : job.startedAt) ?? now
  if (at < sinceMs) return { watch: next, moves: over }
  const text = describeState(state, job.errorMessage)
  return {
    watch: next,
    moves: [...over, { kind: 'raised', at: Math.min(at, now), step: null, value: null, text, state }],
  }
}

export type SilenceRule = WatchRule & {
  condition: Extract<AlertCondition, { kind: 'silence' }>
  /** Silence counts from here at the earliest: before, nobody could report. */
  sinceMs: number
}

/** A job that is lost goes on being silent: the alert is over when it is heard again, or ends in another way. */
export function watchSilence(
  { condition, sinceMs, clearMs, cooldownMs }: SilenceRule,
  watch: Readonly<Trigger> = quietTrigger,
  job: JobFacts,
  now: number,
): { watch: Trigger; moves: AlertMove[] } {
  const trigger = { ...watch }
  const heardAt = job.heardAt ?? job.startedAt
  const isWatched = isLive(job.state) || (job.state === 'lost' && trigger.phase === 'raised')
  const silentMs = heardAt === null ? 0 : now - Math.max(heardAt, sinceMs)
  const holds = isWatched && silentMs >= condition.forMs
  const kind = moveTrigger(trigger, { holds, timeMs: now }, { forMs: 0, clearMs, cooldownMs })
  if (kind === undefined) return { watch: trigger, moves: [] }
  const text = holds
    ? `No report for ${formatDuration(silentMs)}.`
    : isWatched
      ? 'The job reports again.'
      : `The job is ${job.state}.`
  return { watch: trigger, moves: [{ kind, at: now, step: null, value: null, text }] }
}

export type EpochRule = { condition: Extract<AlertCondition, { kind: 'epoch' }> }
/** The whole epoch that was reached last; null before the first. */
export type EpochWatch = number | null
export type EpochPoints = { steps: ArrayLike<number>; times: ArrayLike<number>; epochs: ArrayLike<number> }

/** Epochs are completed when a point of a later one comes; of several at once the last one is told. */
export function watchEpochs(
  { condition }: EpochRule,
  watch: EpochWatch,
  { steps, times, epochs }: EpochPoints,
): { watch: EpochWatch; moves: AlertMove[] } {
  let reached = watch
  let told: AlertMove | undefined
  for (let row = 0; row < epochs.length; row += 1) {
    const epoch = Math.floor(epochs[row] ?? Number.NaN)
    if (!Number.isFinite(epoch) || (reached !== null && epoch <= reached)) continue
    const isDue = reached !== null && Math.floor(epoch / condition.every) > Math.floor(reached / condition.every)
    if (isDue) {
      const done = { step: steps[row] ?? null, value: epoch, text: describeEpoch(epoch) }
      told = { kind: 'raised', at: times[row] ?? 0, ...done }
    }
    reached = epoch
  }
  return { watch: reached, moves: told ? [told] : [] }
}
