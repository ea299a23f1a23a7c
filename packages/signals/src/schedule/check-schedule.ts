/** What is wrong with a schedule, before it is given to a training: by what the parameter declares, and by what has passed. */
import type { Schedule } from '@pilothouse/contract'
import { formatCount, formatExact } from '../format.ts'
import { type ScheduledParameter, type ScheduleMoment, isOtherValue, roundToParameter } from './schedule-value.ts'

export type DeclaredParameter = ScheduledParameter & {
  /** It is a size, drawn and moved on a logarithmic scale: nothing but positive values make sense. */
  isLog: boolean
}

export type ScheduleFault = {
  /** Path of the field. */
  field: string
  /** What was expected there, in words. */
  expected: string
  hint?: string
}

/** Pure; the faults in the order of the fields. `now` is the newest that is known of the job, and the value of the parameter. */
export function checkSchedule(
  schedule: Schedule,
  parameter: DeclaredParameter,
  now: ScheduleMoment & { value: number },
): ScheduleFault[] {
  return [...checkStart(schedule, now), ...checkShape(schedule, parameter, now)]
}

function checkStart({ start }: Schedule, now: ScheduleMoment): ScheduleFault[] {
  const field = 'start.value'
  switch (start.at) {
    case 'now':
      return []
    case 'step':
      return start.value < now.step
        ? [{ field, expected: `a step that has not passed: ${formatCount(now.step)} or later` }]
        : []
    case 'epoch':
      if (now.epoch === null) return [{ field: 'start.at', expected: 'another start: the job reports no epochs' }]
      return start.value < now.epoch
        ? [{ field, expected: `an epoch that has not passed: ${formatExact(now.epoch)} or later` }]
        : []
    case 'time':
      return start.value < now.timeMs ? [{ field, expected: 'a time that has not passed' }] : []
    case 'metric': {
      const { condition } = start
      const isBad = condition.is !== 'noImprovement' && !Number.isFinite(condition.value)
      return isBad ? [{ field: 'start.condition.value', expected: 'a finite number' }] : []
    }
    default:
      return start satisfies never
  }
}

function checkShape(
  { shape }: Schedule,
  parameter: DeclaredParameter,
  now: ScheduleMoment & { value: number },
): ScheduleFault[] {
  const faults: ScheduleFault[] = []
  if (shape.kind !== 'set' && shape.from !== null) faults.push(...checkValue('shape.from', shape.from, parameter))
  faults.push(...checkValue('shape.to', shape.to, parameter))
  if (shape.kind === 'set') return faults
  const { over } = shape
  if ('epochs' in over && now.epoch === null) {
    faults.push({ field: 'shape.over', expected: 'steps or ms: the job reports no epochs' })
  }
  const length = 'steps' in over ? over.steps : 'epochs' in over ? over.epochs : over.ms
  if (!(length > 0) || length === Infinity || ('steps' in over && length < 1)) {
    faults.push({
      field: 'steps' in over ? 'shape.over.steps' : 'epochs' in over ? 'shape.over.epochs' : 'shape.over.ms',
      expected: 'steps' in over ? 'one step or more' : 'more than 0',
      hint: 'A change at once is the shape «set».',
    })
  }
  return [...faults, ...checkExponential(shape, now.value)]
}

function checkExponential(shape: Exclude<Schedule['shape'], { kind: 'set' }>, value: number): ScheduleFault[] {
  if (shape.kind !== 'exponential' || (shape.from ?? value) * Math.sign(shape.to) > 0) return []
  const isFromBad = shape.from === 0 || (shape.from === null && value === 0)
  const expected = `a value on the same side of zero as ${isFromBad ? formatExact(shape.to) : formatExact(shape.from ?? value)}`
  const hint = 'The same factor in equal times never reaches zero: stop at a small value, or take «linear» or «cosine».'
  return [{ field: isFromBad ? 'shape.from' : 'shape.to', expected, hint }]
}

function checkValue(field: string, value: number, parameter: DeclaredParameter): ScheduleFault[] {
  const { min, max, step, isInteger, isLog } = parameter
  if (!Number.isFinite(value)) return [{ field, expected: 'a finite number' }]
  if (isLog && value <= 0) return [{ field, expected: 'more than 0: the parameter is on a logarithmic scale' }]
  if ((min !== null && value < min) || (max !== null && value > max)) {
    return [{ field, expected: describeRange(min, max) }]
  }
  const nearest = roundToParameter(value, parameter)
  if (!isOtherValue(nearest, value)) return []
  const grid =
    step === null && isInteger
      ? 'a whole number'
      : `a step of ${formatExact(step ?? 1)}${min === null ? '' : ` from ${formatExact(min)} on`}`
  return [{ field, expected: grid, hint: `${formatExact(nearest)} is the nearest.` }]
}

function describeRange(min: number | null, max: number | null): string {
  if (min === null) return `${formatExact(max ?? Infinity)} or less`
  return max === null ? `${formatExact(min)} or more` : `a number from ${formatExact(min)} to ${formatExact(max)}`
}
