/**
 * A schedule from control point to control point: (schedule, state, moment) → state, and the value to set or nothing.
 *
 *   waiting ──its start is reached──▶ active ──its last value──▶ done
 *      └──────────order──────────┐      ├──changed by hand, order──▶ cancelled
 *                                └──────┴──cannot go on──▶ failed
 *
 * After a rollback, when a step is smaller than the last one, what happened after it has not happened:
 *   - what was watched of a metric is forgotten;
 *   - a movement that had begun by that step goes on from where it was then, also one that was done;
 *   - one that began later waits again, where it waits for a step, an epoch or a metric; where it began at once or at a
 *     time, it begins again there if it was under way, and stays done if it was done;
 *   - what was cancelled or has failed stays so.
 *
 * Pure, and the same as `python/src/pilothouse/_schedule.py`.
 */
import type { ParameterValue, Schedule, ScheduleCondition, ScheduleReason, ScheduleState } from '@pilothouse/contract'
import {
  type ScheduledParameter,
  type ScheduleMoment,
  isOtherValue,
  progressAt,
  roundToParameter,
  valueAt,
} from './schedule-value.ts'

export type ControlPoint = ScheduleMoment & {
  /** Value that the parameter has. */
  value: ParameterValue
  /** Newest value of each metric, and its step; after a rollback only what was reported since. */
  metrics: Readonly<Record<string, { step: number; value: number }>>
}

export type ScheduleAdvance = {
  state: ScheduleState
  /** Value to give to the parameter; null: leave it. */
  set: ParameterValue | null
}

export const waitingSchedule: ScheduleState = {
  phase: 'waiting',
  startStep: null,
  startEpoch: null,
  startMs: null,
  from: null,
  value: null,
  valueStep: null,
  step: null,
  metricStep: null,
  streak: 0,
  best: null,
  reason: null,
}

/** Takes a schedule to the control point `now`. A moment without a finite step says nothing. */
export function advanceSchedule(
  schedule: Schedule,
  parameter: ScheduledParameter,
  state: ScheduleState,
  now: ControlPoint,
): ScheduleAdvance {
  if (state.phase === 'cancelled' || state.phase === 'failed' || !Number.isFinite(now.step)) return { state, set: null }
  const isBack = state.step !== null && now.step < state.step
  let next: ScheduleState = { ...(isBack ? rewind(schedule, state, now) : state), step: now.step }
  if (next.phase === 'waiting') {
    next = { ...next, ...watchMetric(schedule, next, now) }
    if (!isDue(schedule, next, now)) return { state: next, set: null }
    next = begin(schedule, next, now)
  }
  return next.phase === 'active' ? move(schedule, parameter, next, now) : { state: next, set: null }
}

/**
 * Somebody gave the parameter another value: a movement that is under way ends, one that waits begins from there. What a
 * rollback restores is no such change.
 */
export function endByChange(state: ScheduleState): ScheduleState {
  return state.phase === 'active' ? { ...state, phase: 'cancelled', reason: 'byHand' } : state
}

/** Somebody does not want it any more. What is over stays as it ended. */
export function cancelSchedule(state: ScheduleState): ScheduleState {
  const isOpen = state.phase === 'active' || state.phase === 'waiting'
  return isOpen ? { ...state, phase: 'cancelled', reason: 'byOrder' } : state
}

function isDue({ start }: Schedule, state: ScheduleState, now: ControlPoint): boolean {
  switch (start.at) {
    case 'now':
      return true
    case 'step':
      return now.step >= start.value
    case 'epoch':
      return now.epoch !== null && now.epoch >= start.value
    case 'time':
      return now.timeMs >= start.value
    case 'metric':
      return state.streak >= start.condition.points
    default:
      return start satisfies never
  }
}

function watchMetric({ start }: Schedule, state: ScheduleState, { metrics }: ControlPoint): Partial<ScheduleState> {
  if (start.at !== 'metric') return {}
  const { condition } = start
  const newest = Object.hasOwn(metrics, condition.metric) ? metrics[condition.metric] : undefined
  if (newest === undefined || (state.metricStep !== null && newest.step <= state.metricStep)) return {}
  const isBetter = condition.is === 'noImprovement' && isImprovement(condition, state.best, newest.value)
  const holds =
    condition.is === 'noImprovement'
      ? !isBetter
      : condition.is === 'below'
        ? newest.value < condition.value
        : newest.value > condition.value
  return {
    metricStep: newest.step,
    streak: holds ? state.streak + 1 : 0,
    best: isBetter ? newest.value : state.best,
  }
}

function isImprovement(
  { goal }: Extract<ScheduleCondition, { is: 'noImprovement' }>,
  best: number | null,
  value: number,
): boolean {
  if (!Number.isFinite(value)) return false
  return best === null || (goal === 'minimize' ? value < best : value > best)
}

function begin({ start, shape }: Schedule, state: ScheduleState, now: ControlPoint): ScheduleState {
  const from = shape.kind === 'set' ? null : (shape.from ?? (typeof now.value === 'number' ? now.value : Number.NaN))
  const begun: ScheduleState = {
    ...state,
    phase: 'active',
    startStep: start.at === 'step' ? start.value : now.step,
    startEpoch: start.at === 'epoch' ? start.value : now.epoch,
    startMs: start.at === 'time' ? start.value : now.timeMs,
    from,
  }
  if (from !== null && !Number.isFinite(from)) return fail({ ...begun, from: null }, 'notFinite')
  const isThroughZero = shape.kind === 'exponential' && !((from ?? 0) * Math.sign(shape.to) > 0)
  if (isThroughZero) return fail(begun, 'throughZero')
  return begun
}

function move(
  { shape, every }: Schedule,
  parameter: ScheduledParameter,
  state: ScheduleState,
  now: ControlPoint,
): ScheduleAdvance {
  if (shape.kind !== 'set' && 'epochs' in shape.over && (now.epoch === null || state.startEpoch === null)) {
    return { state: fail(state, 'noEpochs'), set: null }
  }
  const exact = shape.kind === 'set' ? shape.to : valueAt(shape, state, now)
  const value = typeof exact === 'number' ? roundToParameter(exact, parameter) : exact
  if (typeof value === 'number' && !Number.isFinite(value)) return { state: fail(state, 'notFinite'), set: null }
  const isLast = progressAt(shape, state, now) >= 1
  if (!isLast && state.valueStep !== null && now.step - state.valueStep < every) return { state, set: null }
  const reached: ScheduleState = { ...state, phase: isLast ? 'done' : 'active', valueStep: now.step }
  if (!isOtherValue(value, state.value ?? now.value)) return { state: reached, set: null }
  return { state: { ...reached, value }, set: value }
}

function rewind({ start, shape }: Schedule, state: ScheduleState, now: ControlPoint): ScheduleState {
  const back = { ...state, value: null, valueStep: null, metricStep: null, streak: 0, best: null }
  if (state.startStep === null) return back
  if (now.step >= state.startStep) return { ...back, phase: progressAt(shape, state, now) < 1 ? 'active' : state.phase }
  if (start.at !== 'now' && start.at !== 'time') {
    return { ...back, phase: 'waiting', startStep: null, startEpoch: null, startMs: null, from: null }
  }
  return state.phase === 'active' ? { ...back, startStep: now.step, startEpoch: now.epoch } : back
}

function fail(state: ScheduleState, reason: ScheduleReason): ScheduleState {
  return { ...state, phase: 'failed', reason }
}
