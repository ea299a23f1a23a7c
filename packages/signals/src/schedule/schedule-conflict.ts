/**
 * Which schedules of one parameter may stand beside each other.
 *
 *   - One at a time moves a parameter: a second one is refused, unless both begin and end at places of the same unit that
 *     are known beforehand and do not overlap. One may begin where the other ends.
 *   - A change by hand ends the schedule that is under way, and the answer says so; one that waits begins from the new value.
 *   - A preset is a change by hand of each parameter that it holds.
 */
import type { Schedule, ScheduleState } from '@pilothouse/contract'
import { describeSchedule } from './describe-schedule.ts'

export type RunningSchedule = { schedule: Schedule; state: ScheduleState }

type Unit = 'step' | 'epoch' | 'time'
type Place = { unit: Unit; from: number; to: number }

/** Why `wanted` cannot stand beside the schedules that a job has, in words; null where it can. */
export function findConflict(
  wanted: Schedule,
  others: readonly RunningSchedule[],
  nowStep: number,
): { with: number; words: string } | null {
  const at = others.findIndex(
    ({ schedule, state }) =>
      schedule.key === wanted.key &&
      (state.phase === 'waiting' || state.phase === 'active') &&
      overlaps(placeSchedule(wanted, null, nowStep), placeSchedule(schedule, state, nowStep)),
  )
  const other = others[at]
  if (!other) return null
  const verb = other.state.phase === 'active' ? 'moves' : 'will move'
  return {
    with: at,
    words: `A schedule ${verb} ${wanted.key} already: ${describeSchedule(other.schedule)}. Cancel it, or let this one begin where that one is over.`,
  }
}

/** What a change by hand does to the schedules of its parameter, in words; null where it does nothing. */
export function describeChangeByHand(key: string, others: readonly RunningSchedule[]): string | null {
  const own = others.filter(({ schedule }) => schedule.key === key)
  const moving = own.find(({ state }) => state.phase === 'active')
  if (moving) return `This ends the schedule that moves ${key}: ${describeSchedule(moving.schedule)}.`
  const waiting = own.find(({ state }) => state.phase === 'waiting')
  return waiting
    ? `The schedule of ${key} stays, and begins from this value: ${describeSchedule(waiting.schedule)}.`
    : null
}

function overlaps(one: readonly Place[], other: readonly Place[]): boolean {
  const apart = one.some((mine) =>
    other.some((its) => its.unit === mine.unit && (mine.to <= its.from || its.to <= mine.from)),
  )
  return !apart
}

/** From where to where it moves, in each unit in which that is known. */
function placeSchedule({ start, shape }: Schedule, state: ScheduleState | null, nowStep: number): Place[] {
  const begun: Record<Unit, number | null> = {
    step: state?.startStep ?? (start.at === 'step' ? start.value : start.at === 'now' ? nowStep : null),
    epoch: state?.startEpoch ?? (start.at === 'epoch' ? start.value : null),
    time: state?.startMs ?? (start.at === 'time' ? start.value : null),
  }
  const length = shape.kind === 'set' ? null : shape.over
  const lengths: Record<Unit, number | null> = {
    step: length === null ? 0 : 'steps' in length ? length.steps : null,
    epoch: length === null ? 0 : 'epochs' in length ? length.epochs : null,
    time: length === null ? 0 : 'ms' in length ? length.ms : null,
  }
  const units = ['step', 'epoch', 'time'] as const
  return units.flatMap((unit) => {
    const from = begun[unit]
    const long = lengths[unit]
    return from === null || long === null ? [] : [{ unit, from, to: from + long }]
  })
}
