/** What a schedule will do, drawn over steps before it does. */
import type { ParameterValue, Schedule } from '@pilothouse/contract'
import {
  type ScheduledParameter,
  type ScheduleMoment,
  progressAt,
  roundToParameter,
  valueAt,
} from './schedule-value.ts'

export type PreviewAssumptions = {
  now: ScheduleMoment & { value: ParameterValue }
  /** null: not known; then what depends on it cannot be placed. */
  stepsPerSecond: number | null
  stepsPerEpoch: number | null
  /** Where a condition on a metric is taken to hold; null: it is not known. */
  conditionStep?: number | null
}

export type PreviewRange = { from: number; to: number; points: number }

export type SchedulePreview = {
  steps: number[]
  /** Value of the parameter there, as it is rounded. */
  values: ParameterValue[]
  /** Where its movement begins and ends; null: cannot be told, and it is drawn as if it never did. */
  startStep: number | null
  endStep: number | null
}

/** Equally spaced steps of `range`, both ends included, and the values there. Two points at least. */
export function previewSchedule(
  schedule: Schedule,
  parameter: ScheduledParameter,
  { from, to, points }: PreviewRange,
  assumptions: PreviewAssumptions,
): SchedulePreview {
  const { now } = assumptions
  const count = Math.max(2, Math.floor(points))
  const steps = Array.from({ length: count }, (_, at) => from + ((to - from) * at) / (count - 1))
  const startStep = placeStart(schedule, assumptions)
  const endStep = startStep === null ? null : placeEnd(schedule, startStep, assumptions)
  if (startStep === null || endStep === null) {
    return { steps, values: steps.map(() => now.value), startStep, endStep }
  }
  const { shape, every } = schedule
  const first = placeAt(startStep, assumptions)
  const origin = {
    startStep,
    startEpoch: first.epoch,
    startMs: first.timeMs,
    from: shape.kind === 'set' ? null : (shape.from ?? (typeof now.value === 'number' ? now.value : null)),
  }
  const values = steps.map((step) => {
    if (step < startStep) return now.value
    if (shape.kind === 'set') return typeof shape.to === 'number' ? roundToParameter(shape.to, parameter) : shape.to
    const exact = placeAt(step, assumptions)
    const last = startStep + Math.floor((step - startStep) / every) * every
    const isOver = progressAt(shape, origin, exact) >= 1
    return roundToParameter(valueAt(shape, origin, isOver ? exact : placeAt(last, assumptions)), parameter)
  })
  return { steps, values, startStep, endStep }
}

function placeStart(
  { start }: Schedule,
  { now, stepsPerSecond, stepsPerEpoch, conditionStep }: PreviewAssumptions,
): number | null {
  switch (start.at) {
    case 'now':
      return now.step
    case 'step':
      return Math.max(start.value, now.step)
    case 'epoch':
      return now.epoch === null || stepsPerEpoch === null
        ? null
        : now.step + Math.max(0, start.value - now.epoch) * stepsPerEpoch
    case 'time':
      return stepsPerSecond === null
        ? null
        : now.step + (Math.max(0, start.value - now.timeMs) / 1_000) * stepsPerSecond
    case 'metric':
      return conditionStep ?? null
    default:
      return start satisfies never
  }
}

function placeEnd(
  { shape }: Schedule,
  startStep: number,
  { stepsPerSecond, stepsPerEpoch }: PreviewAssumptions,
): number | null {
  if (shape.kind === 'set') return startStep
  const { over } = shape
  if ('steps' in over) return startStep + over.steps
  if ('epochs' in over) return stepsPerEpoch === null ? null : startStep + over.epochs * stepsPerEpoch
  return stepsPerSecond === null ? null : startStep + (over.ms / 1_000) * stepsPerSecond
}

/** When, and in which epoch, a step will be. What is not known stands still: nothing that is drawn depends on it. */
function placeAt(step: number, { now, stepsPerSecond, stepsPerEpoch }: PreviewAssumptions): ScheduleMoment {
  const ahead = step - now.step
  return {
    step,
    epoch: stepsPerEpoch === null ? now.epoch : (now.epoch ?? 0) + ahead / stepsPerEpoch,
    timeMs: stepsPerSecond === null ? now.timeMs : now.timeMs + (ahead / stepsPerSecond) * 1_000,
  }
}
