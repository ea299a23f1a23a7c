/**
 * The value that a schedule has at a moment. The same numbers come out of `python/src/pilothouse/_schedule.py`, to the last
 * digits that two mathematical libraries may differ in: change both, and the cases that both are held against.
 */
import type { ParameterDeclaration, ParameterValue, ScheduleShape, ScheduleState } from '@pilothouse/contract'

/** What a parameter may be: where a schedule's values are brought to. */
export type ScheduledParameter = Pick<ParameterDeclaration, 'type' | 'min' | 'max'>

/** A shape in which a value moves. */
export type MovingShape = Exclude<ScheduleShape, { kind: 'set' }>

/** A control point of a training. */
export type ScheduleMoment = {
  step: number
  /** null: the job reports none. */
  epoch: number | null
  /** Clock of the training, ms since 1970. */
  timeMs: number
}

export type ScheduleOrigin = Pick<ScheduleState, 'startStep' | 'startEpoch' | 'startMs' | 'from'>

/** Two values that differ by less than this share are one. */
const sameShare = 1e-12
/** Pushes what two libraries round to either side of a half to the same one. */
const halfUp = 0.5 + 1e-9

/** Share of its way that a schedule has gone, 0 … 1; a value that is set at once has gone all of it. */
export function progressAt(shape: ScheduleShape, origin: ScheduleOrigin, now: ScheduleMoment): number {
  if (shape.kind === 'set') return 1
  const { over } = shape
  const done =
    'steps' in over
      ? (now.step - (origin.startStep ?? now.step)) / over.steps
      : 'epochs' in over
        ? ((now.epoch ?? 0) - (origin.startEpoch ?? now.epoch ?? 0)) / over.epochs
        : (now.timeMs - (origin.startMs ?? now.timeMs)) / over.ms
  return Math.min(1, Math.max(0, done))
}

/**
 * Value at `now`, before it is rounded. Linear and warm-up: from + (to − from)·p; cosine: to + (from − to)·(1 + cos πp)/2
 * (Loshchilov and Hutter 2017); exponential: from^(1 − p) · to^p, with the sign of both.
 */
export function valueAt(shape: MovingShape, origin: ScheduleOrigin, now: ScheduleMoment): number {
  const { to } = shape
  const from = origin.from ?? to
  const p = progressAt(shape, origin, now)
  if (p >= 1) return to
  if (p <= 0) return from
  switch (shape.kind) {
    case 'linear':
    case 'warmup':
      return from * (1 - p) + to * p
    case 'cosine':
      return to + (from - to) * ((1 + Math.cos(Math.PI * p)) / 2)
    case 'exponential':
      return Math.sign(from) * Math.abs(from) ** (1 - p) * Math.abs(to) ** p
    default:
      return shape satisfies never
  }
}

/** Brought between the limits; of an integer to the nearest, a half upwards. */
export function roundToParameter(value: number, { type, min, max }: ScheduledParameter): number {
  const clamped = Math.min(max ?? Infinity, Math.max(min ?? -Infinity, value))
  if (type !== 'integer' || !Number.isFinite(clamped)) return clamped
  const nearest = Math.floor(clamped + halfUp)
  // Limits of an integer need not be whole themselves.
  return max !== null && nearest > max ? nearest - 1 : min !== null && nearest < min ? nearest + 1 : nearest
}

/** True where a training would notice the difference. */
export function isOtherValue(one: ParameterValue, other: ParameterValue): boolean {
  if (typeof one !== 'number' || typeof other !== 'number') return one !== other
  return Math.abs(one - other) > sameShare * Math.max(Math.abs(one), Math.abs(other))
}
