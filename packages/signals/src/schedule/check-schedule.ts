/** What is wrong with a schedule, before it is given to a training: by what the parameter declares, and by what has passed. */
import type { ParameterDeclaration, ParameterValue, Schedule } from '@pilothouse/contract'
import { checkParameter } from '@pilothouse/contract/wire'
import { formatCount, formatExact } from '../format.ts'
import type { MovingShape, ScheduleMoment } from './schedule-value.ts'

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
  parameter: ParameterDeclaration,
  now: ScheduleMoment & { value: ParameterValue },
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
  parameter: ParameterDeclaration,
  now: ScheduleMoment & { value: ParameterValue },
): ScheduleFault[] {
  const faults: ScheduleFault[] = []
  if (shape.kind !== 'set' && shape.from !== null) faults.push(...checkValue('shape.from', shape.from, parameter))
  faults.push(...checkValue('shape.to', shape.to, parameter))
  if (shape.kind === 'set') return faults
  if (parameter.type !== 'number' && parameter.type !== 'integer') {
    return [{ field: 'shape.kind', expected: '«set»: only a number can move' }]
  }
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

function checkExponential(shape: MovingShape, current: ParameterValue): ScheduleFault[] {
  const value = typeof current === 'number' ? current : Number.NaN
  if (shape.kind !== 'exponential' || (shape.from ?? value) * Math.sign(shape.to) > 0) return []
  const isFromBad = shape.from === 0 || (shape.from === null && value === 0)
  const expected = `a value on the same side of zero as ${isFromBad ? formatExact(shape.to) : formatExact(shape.from ?? value)}`
  const hint = 'The same factor in equal times never reaches zero: stop at a small value, or take «linear» or «cosine».'
  return [{ field: isFromBad ? 'shape.from' : 'shape.to', expected, hint }]
}

function checkValue(field: string, value: ParameterValue, parameter: ParameterDeclaration): ScheduleFault[] {
  const fault = checkParameter(parameter, value)
  return fault ? [{ field, ...fault }] : []
}
