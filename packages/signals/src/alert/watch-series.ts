/** A rule that looks at one series: (watch, points) → watch, and what is to be told. Pure. */
import type { AlertRule } from '@pilothouse/contract'
import { type ConditionFold, type SeriesCondition, emptyFold, foldCondition, readMeasure } from './condition-fold.ts'
import { describeMove } from './describe-rule.ts'
import { type Trigger, moveTrigger, quietTrigger } from './trigger.ts'

export type WatchRule = Pick<AlertRule, 'clearMs' | 'cooldownMs'>
export type SeriesRule = WatchRule & { condition: SeriesCondition }

export type SeriesWatch = { readonly trigger: Readonly<Trigger>; readonly fold: Readonly<ConditionFold> }

/** What became of an alert, to be told once. */
export type AlertMove = {
  kind: 'raised' | 'resolved'
  /** Server's clock, ms. */
  at: number
  step: number | null
  value: number | null
  /** In words. */
  text: string
}

export type WatchedPoints = {
  key: string
  steps: ArrayLike<number>
  /** Server's clock, ms. */
  times: ArrayLike<number>
  values: ArrayLike<number>
  /** Of the key that a percentage is of, where the same report has it. */
  bases?: ArrayLike<number> | undefined
}

export const quietWatch: SeriesWatch = { trigger: quietTrigger, fold: emptyFold }

/** A watch whose alert is open since `at`: what is known of it after a restart. */
export function raisedWatch(at: number): SeriesWatch {
  return { trigger: { phase: 'raised', sinceMs: null, lastMs: at, raisedMs: at }, fold: emptyFold }
}

/** Takes points in, in their order. The same points in other portions come to the same. */
export function watchPoints(
  { condition, clearMs, cooldownMs }: SeriesRule,
  watch: SeriesWatch,
  { key, steps, times, values, bases }: WatchedPoints,
): { watch: SeriesWatch; moves: AlertMove[] } {
  const trigger = { ...watch.trigger }
  const fold = { ...watch.fold, parts: watch.fold.parts.map((part) => ({ ...part })) }
  const moves: AlertMove[] = []
  const held = { forMs: condition.kind === 'threshold' ? condition.forMs : 0, clearMs, cooldownMs }
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? Number.NaN
    const timeMs = times[row] ?? 0
    const isRaised = trigger.phase === 'raised'
    const holds = foldCondition(fold, condition, { value, timeMs, base: bases?.[row], isRaised })
    if (holds === undefined) continue
    const kind = moveTrigger(trigger, { holds, timeMs }, held)
    if (kind === undefined) continue
    const measure = readMeasure(fold, condition, value)
    const text = describeMove(condition, { kind, key, value: measure })
    moves.push({ kind, at: trigger.lastMs, step: steps[row] ?? null, value: measure, text })
  }
  return { watch: { trigger, fold }, moves }
}
