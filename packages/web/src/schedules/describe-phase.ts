/** Where a schedule stands, in words and as a share of its way. Pure. */
import type { JobSchedule, SchedulePhase } from '@pilothouse/contract'
import { formatCount, progressAt, type ScheduleMoment } from '@pilothouse/signals'

export const phaseNames: Record<SchedulePhase, string> = {
  waiting: 'waits',
  active: 'under way',
  done: 'done',
  cancelled: 'ended early',
  failed: 'failed',
}

/** True while it may yet do something. */
export function isLiveSchedule({ state }: Pick<JobSchedule, 'state'>): boolean {
  return state.phase === 'waiting' || state.phase === 'active'
}

/** 0 … 1 of one that moves; null of all others, and where its unit is not known. */
export function findShare(
  { schedule, state }: Pick<JobSchedule, 'schedule' | 'state'>,
  now: ScheduleMoment,
): number | null {
  const { shape } = schedule
  if (state.phase !== 'active' || shape.kind === 'set') return null
  if ('epochs' in shape.over && (now.epoch === null || state.startEpoch === null)) return null
  return progressAt(shape, state, now)
}

/** «under way, 25 %, since step 40»: what has come of it. */
export function describePhase(one: Pick<JobSchedule, 'schedule' | 'state'>, now: ScheduleMoment): string {
  const { phase, startStep } = one.state
  const share = findShare(one, now)
  const since = startStep === null ? '' : `, since step ${formatCount(startStep)}`
  if (phase !== 'active') return phaseNames[phase]
  return `${phaseNames.active}${share === null ? '' : `, ${Math.floor(share * 100 + 1e-9)} %`}${since}`
}
