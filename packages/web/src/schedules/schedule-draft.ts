/**
 * A schedule as somebody enters it: texts of fields, and what they come to. Faults are told in the words of the fields, by the
 * same rules by which the server takes it. Pure.
 */
import type { Job, Parameter, Schedule, ScheduleShape, ScheduleSpan, ScheduleStart } from '@pilothouse/contract'
import {
  checkSchedule,
  chooseGoal,
  findConflict,
  type PreviewAssumptions,
  type RunningSchedule,
} from '@pilothouse/signals'

export type ScheduleDraft = {
  key: string
  at: ScheduleStart['at']
  step: string
  epoch: string
  /** Local time as `2026-01-31T12:00`. */
  time: string
  metric: string
  is: 'below' | 'above' | 'noImprovement'
  limit: string
  points: string
  kind: ScheduleShape['kind']
  from: string
  to: string
  length: string
  unit: 'steps' | 'epochs' | 'minutes'
}

/** What is wrong, by the path of a field in a schedule; `schedule` for all of it. */
export type DraftFaults = Readonly<Record<string, string>>

export type ScheduleReading = {
  /** Absent while a field does not say what it must. */
  schedule: Schedule | undefined
  faults: DraftFaults
}

export type ScheduleSetting = {
  parameter: Parameter
  others: readonly RunningSchedule[]
  now: PreviewAssumptions['now']
  metrics: Job['metrics']
}

const minuteMs = 60_000

/** What a draft comes to, and all that speaks against it. */
export function readSchedule(draft: ScheduleDraft, setting: ScheduleSetting): ScheduleReading {
  const faults: Record<string, string> = {}
  const read = (field: string, text: string, expected = 'A number is expected.'): number => {
    const value = readNumber(text)
    if (!Number.isFinite(value)) faults[field] = expected
    return value
  }
  const start = readStart(draft, setting.metrics, read)
  const shape = readShape(draft, read)
  if (start.at === 'metric' && start.condition.metric === '')
    faults['start.condition.metric'] = 'A metric that the job logs is expected.'
  if (start.at === 'metric' && !(Number.isInteger(start.condition.points) && start.condition.points >= 1))
    faults['start.condition.points'] = 'A whole number, 1 or more, is expected.'
  const schedule = { key: draft.key, start, shape, every: 1 } satisfies Schedule
  if (Object.keys(faults).length > 0) return { schedule: undefined, faults }
  for (const { field, expected, hint } of checkSchedule(schedule, setting.parameter, setting.now))
    faults[field] ??= `${sentence(expected)} is expected.${hint === undefined ? '' : ` ${hint}`}`
  const conflict = findConflict(schedule, setting.others, setting.now.step)
  if (conflict) faults['schedule'] = conflict.words
  return { schedule, faults }
}

type Read = (field: string, text: string, expected?: string) => number

function readStart(draft: ScheduleDraft, metrics: Job['metrics'], read: Read): ScheduleStart {
  switch (draft.at) {
    case 'now':
      return { at: 'now' }
    case 'step':
      return { at: 'step', value: read('start.value', draft.step, 'A step is expected.') }
    case 'epoch':
      return { at: 'epoch', value: read('start.value', draft.epoch, 'An epoch is expected.') }
    case 'time':
      return {
        at: 'time',
        value: read('start.value', String(Date.parse(draft.time)), 'A day and a time are expected.'),
      }
    case 'metric': {
      const { metric, is } = draft
      const points = Number(draft.points)
      if (is !== 'noImprovement')
        return { at: 'metric', condition: { metric, is, value: read('start.condition.value', draft.limit), points } }
      const goal = chooseGoal(metrics, metric) === 'higher' ? 'maximize' : 'minimize'
      return { at: 'metric', condition: { metric, is, goal, points } }
    }
    default:
      return draft.at satisfies never
  }
}

function readShape({ kind, from, to, length, unit }: ScheduleDraft, read: Read): ScheduleShape {
  const end = read('shape.to', to)
  if (kind === 'set') return { kind, to: end }
  const long = read(`shape.over.${unit === 'minutes' ? 'ms' : unit}`, length)
  const over: ScheduleSpan =
    unit === 'steps' ? { steps: long } : unit === 'epochs' ? { epochs: long } : { ms: long * minuteMs }
  if (kind === 'warmup') return { kind, from: read('shape.from', from), to: end, over }
  return { kind, from: from.trim() === '' ? null : read('shape.from', from), to: end, over }
}

/** What is known of how fast the job goes, for a preview. A metric is taken to come to its condition at `conditionStep`. */
export function assumePace(
  job: Pick<Job, 'progress'>,
  value: Parameter['value'],
  nowMs: number,
): Omit<PreviewAssumptions, 'conditionStep'> {
  const { step, epoch, totalSteps, totalEpochs, stepsPerSecond } = job.progress ?? {}
  const now = { step: step ?? 0, epoch: epoch ?? null, timeMs: nowMs, value }
  const whole = totalSteps && totalEpochs ? totalSteps / totalEpochs : null
  const soFar = step && epoch ? step / epoch : null
  return { now, stepsPerSecond: stepsPerSecond || null, stepsPerEpoch: whole ?? soFar }
}

/** `0,001` is what some keyboards give for `0.001`. */
function readNumber(text: string): number {
  const plain = text.trim().replace(/^(-?\d*),(\d+(?:e-?\d+)?)$/i, '$1.$2')
  return plain === '' ? Number.NaN : Number(plain)
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
