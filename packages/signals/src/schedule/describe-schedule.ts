/** A schedule in words, the same in the page, in the terminal and in refusals. */
import type { ParameterValue, Schedule, ScheduleReason } from '@pilothouse/contract'
import { formatCount, formatDuration, formatExact } from '../format.ts'

/** `lr from 3e-4 to 0 by a cosine over 1000 steps, from step 4000 on`. */
export function describeSchedule(schedule: Schedule): string {
  const { key, every } = schedule
  const often = every === 1 ? '' : `, at most every ${formatCount(every)} steps`
  return `${key} ${describeShape(schedule.shape)}, ${describeStart(schedule.start)}${often}`
}

export function describeScheduleEnd(reason: ScheduleReason): string {
  return reasons[reason]
}

const reasons: Record<ScheduleReason, string> = {
  byHand: 'The parameter was changed by hand while it moved.',
  byOrder: 'Somebody cancelled it.',
  noEpochs: 'It counts epochs, and the job reports none.',
  throughZero: 'An exponential change cannot reach or pass zero.',
  notFinite: 'It came to no finite number.',
  malformed: 'The training could not read it.',
}

const kinds = { linear: 'in a line', cosine: 'by a cosine', exponential: 'exponentially', warmup: 'as a warm-up' }

function describeShape(shape: Schedule['shape']): string {
  if (shape.kind === 'set') return `set to ${describeValue(shape.to)}`
  const from = shape.from === null ? '' : `from ${formatExact(shape.from)} `
  const { over } = shape
  const long =
    'steps' in over
      ? `${formatCount(over.steps)} steps`
      : 'epochs' in over
        ? `${formatExact(over.epochs)} epochs`
        : formatDuration(over.ms)
  return `${from}to ${formatExact(shape.to)} ${kinds[shape.kind]} over ${long}`
}

function describeValue(value: ParameterValue): string {
  return typeof value === 'number'
    ? formatExact(value)
    : typeof value === 'boolean'
      ? value
        ? 'on'
        : 'off'
      : `«${value}»`
}

function describeStart(start: Schedule['start']): string {
  switch (start.at) {
    case 'now':
      return 'at once'
    case 'step':
      return `from step ${formatCount(start.value)} on`
    case 'epoch':
      return `from epoch ${formatExact(start.value)} on`
    case 'time':
      return `from ${new Date(start.value).toISOString().slice(0, 16).replace('T', ' ')} UTC on`
    case 'metric': {
      const { condition } = start
      const often = condition.points === 1 ? '' : ` for ${formatCount(condition.points)} values in a row`
      if (condition.is === 'noImprovement') return `once ${condition.metric} does not improve${often}`
      return `once ${condition.metric} is ${condition.is} ${formatExact(condition.value)}${often}`
    }
    default:
      return start satisfies never
  }
}
