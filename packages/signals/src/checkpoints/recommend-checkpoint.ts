/** When it is worth while to write down where a job stands. Each recommendation says why, with its figures. */
import { formatCount, formatDuration, formatValue } from '../format.ts'
import type { MetricGoal } from '../performance/list-results.ts'
import { chooseIntervalMs } from './checkpoint-interval.ts'
import { type WatchedCurve, findInstability } from './find-instability.ts'

const minuteMs = 60_000
/** More than that helps nobody. */
const shownMax = 3
/** Writing may take this share of the time: a checkpoint that is younger than that allows is fresh. Where it is not known, one of so long ago, or of this share of the steps. */
const saveShare = 0.05
const freshMs = 5 * minuteMs
const freshStepShare = 0.01
/** So long a job runs without any checkpoint before that is worth a word. */
const unsavedMs = 15 * minuteMs
const unsavedSteps = 100
/** A change is due soon, and so is the end. */
const soonMs = 10 * minuteMs
const soonStepShare = 0.02
/** Written so many times over before the end: once may fail. */
const saveTimes = 3
const evaluationsMin = 3

export type CheckpointReason = 'timeLimit' | 'unstable' | 'beforeChange' | 'first' | 'best' | 'interval'
export type CheckpointRecommendation = {
  kind: CheckpointReason
  /** Make one now, or keep the last one from being deleted. */
  action: 'create' | 'pin'
  words: string
}

export type CheckpointFacts = {
  step: number
  /** Clock of the job, ms; and when it began to make steps. */
  nowMs: number
  startedMs: number
  /** The youngest checkpoint that is there. */
  last: { step: number; timeMs: number; pinned: boolean } | null
  /** How long one takes to write; null: not known. */
  saveMs: number | null
  stepsPerSecond: number | null
  /** Measured on held-out data, or whatever it is judged by; points in the order of their steps. */
  qualities: readonly (WatchedCurve & { goal: MetricGoal })[]
  /** Loss and gradient norm: less is calmer. */
  stability: readonly WatchedCurve[]
  /** Changes that are to come by themselves, in words: `lr set to 1e-4`. */
  changes: readonly { step: number; words: string }[]
  /** When the job will be ended from outside; null: not, or not known. */
  limitMs: number | null
  /** Mean time between failures of what it runs on; null: not known. */
  failureMs: number | null
}

/** Pure; the most urgent first, three at most. None for a calm run with a recent checkpoint. */
export function recommendCheckpoint(facts: CheckpointFacts): CheckpointRecommendation[] {
  const found = [
    beforeLimit(facts),
    onInstability(facts),
    beforeChange(facts),
    onFirst(facts),
    onBest(facts),
    onInterval(facts),
  ]
  return found.filter((one) => one !== null).slice(0, shownMax)
}

function beforeLimit(facts: CheckpointFacts): CheckpointRecommendation | null {
  const { limitMs, nowMs, saveMs, last, startedMs } = facts
  const left = limitMs === null ? Infinity : limitMs - nowMs
  const needed = saveMs ?? 0
  // What it costs counts little here: it is the last one.
  const isRecent = nowMs - (last?.timeMs ?? startedMs) < Math.max(freshMs, saveTimes * needed)
  if (left > soonMs + saveTimes * needed || left <= needed || isRecent) return null
  const took = saveMs === null ? '' : `, and writing one takes ${formatDuration(saveMs)}`
  return create('timeLimit', `The job is ended in ${formatDuration(left)}${took}; ${describeLoss(facts)}.`)
}

function onInstability(facts: CheckpointFacts): CheckpointRecommendation | null {
  const { last, step } = facts
  const [first] = facts.stability.flatMap((curve) => findInstability(curve) ?? [])
  if (!first) return null
  if (last !== null && last.step <= first.fromStep) {
    if (last.pinned) return null
    const words = `${first.words}. The last checkpoint, at step ${formatCount(last.step)}, is from before that: pin it, so that there is something to go back to.`
    return { kind: 'unstable', action: 'pin', words }
  }
  // What is broken, or has been written since it began, is not worth another one.
  if (first.kind !== 'spikes' || last !== null) return null
  return create('unstable', `${first.words}, and there is no checkpoint to go back to at step ${formatCount(step)}.`)
}

function beforeChange(facts: CheckpointFacts): CheckpointRecommendation | null {
  const { step, stepsPerSecond, changes } = facts
  if (isFresh(facts)) return null
  const next = changes.filter((one) => one.step >= step).toSorted((one, other) => one.step - other.step)[0]
  if (!next) return null
  const ahead = next.step - step
  const ms = stepsPerSecond !== null && stepsPerSecond > 0 ? (ahead / stepsPerSecond) * 1_000 : null
  const isSoon = ms === null ? ahead <= soonStepShare * step : ms <= soonMs
  if (!isSoon) return null
  const when = `in ${countSteps(ahead)}${ms === null ? '' : `, about ${formatDuration(ms)}`}`
  return create('beforeChange', `${next.words} at step ${formatCount(next.step)} (${when}); ${describeLoss(facts)}.`)
}

function onFirst(facts: CheckpointFacts): CheckpointRecommendation | null {
  const { last, nowMs, startedMs, step } = facts
  if (last !== null || nowMs - startedMs < unsavedMs || step < unsavedSteps || isBroken(facts)) return null
  return create('first', `There is no checkpoint yet: ${describeLoss(facts)}.`)
}

/** The newest evaluation is the best so far, so what it measured can still be written down. */
function onBest(facts: CheckpointFacts): CheckpointRecommendation | null {
  const { last, step } = facts
  if (last === null || isFresh(facts)) return null
  for (const { key, goal, steps, values } of facts.qualities) {
    const rows = Array.from(values, (value, row) => ({ value, step: steps[row] ?? 0 })).filter(({ value }) =>
      Number.isFinite(value),
    )
    const newest = rows.at(-1)
    if (goal === null || !newest || rows.length < evaluationsMin || newest.step <= last.step) continue
    const sign = goal === 'lower' ? 1 : -1
    const saved = rows.filter((row) => row.step <= last.step).map(({ value }) => sign * value)
    const others = rows.slice(0, -1).map(({ value }) => sign * value)
    const isBest = others.every((value) => sign * newest.value < value)
    // By chance alone every third evaluation of a handful is the best so far: it has to be by more than half a usual swing.
    const gain = Math.min(...(saved.length > 0 ? saved : others)) - sign * newest.value
    if (!isBest || gain <= swingOf(rows.map(({ value }) => value)) / 2) continue
    return create(
      'best',
      `Best so far on ${key}: ${formatValue(newest.value)} at step ${formatCount(newest.step)}; the last checkpoint is ${countSteps(newest.step - last.step)} older${step > newest.step ? `, and the job is at step ${formatCount(step)}` : ''}.`,
    )
  }
  return null
}

function onInterval(facts: CheckpointFacts): CheckpointRecommendation | null {
  const { saveMs, failureMs, nowMs, startedMs, last } = facts
  const interval = chooseIntervalMs(saveMs, failureMs)
  const since = nowMs - (last?.timeMs ?? startedMs)
  if (interval === null || saveMs === null || failureMs === null || since < interval || isBroken(facts)) return null
  return create(
    'interval',
    `The last checkpoint is ${formatDuration(since)} old. With one failure in ${formatDuration(failureMs)} and ${formatDuration(saveMs)} to write one, the least time is lost with one every ${formatDuration(interval)}.`,
  )
}

function create(kind: CheckpointReason, words: string): CheckpointRecommendation {
  return { kind, action: 'create', words }
}

/** So young that writing another one would cost more than it may. */
function isFresh({ last, saveMs, nowMs, step }: CheckpointFacts): boolean {
  if (last === null || last.step > step) return false
  if (last.step === step) return true
  const since = nowMs - last.timeMs
  return saveMs === null ? since < freshMs || step - last.step < freshStepShare * step : since < saveMs / saveShare
}

function isBroken({ stability }: CheckpointFacts): boolean {
  return stability.some((curve) => findInstability(curve)?.kind === 'nonFinite')
}

/** What a failure now would cost. */
function describeLoss({ last, step, nowMs, startedMs }: CheckpointFacts): string {
  const since = formatDuration(nowMs - (last?.timeMs ?? startedMs))
  if (last === null) return `${countSteps(step)} and ${since} of work would be lost`
  // After a rollback the youngest one may be ahead of the job.
  return last.step > step
    ? `the last checkpoint is ${since} old`
    : `the last checkpoint is ${countSteps(step - last.step)} and ${since} older`
}

/** The middle of the distances between one value and the next. */
function swingOf(values: readonly number[]): number {
  const swings = values.slice(1).map((value, at) => Math.abs(value - (values[at] ?? value)))
  return swings.toSorted((one, other) => one - other)[Math.floor(swings.length / 2)] ?? 0
}

function countSteps(steps: number): string {
  return `${formatCount(steps)} step${steps === 1 ? '' : 's'}`
}
