/**
 * Life of a schedule. It waits for its start, moves its parameter, and is done with the last value; a change by hand or an
 * order cancels it, and it fails where it cannot go on. Only a rollback leads back: to before its start, or into its middle.
 */
export const schedulePhases = ['waiting', 'active', 'done', 'cancelled', 'failed'] as const
export type SchedulePhase = (typeof schedulePhases)[number]

export const scheduleTransitions: Record<SchedulePhase, readonly SchedulePhase[]> = {
  waiting: ['active', 'done', 'cancelled', 'failed'],
  active: ['done', 'cancelled', 'failed', 'waiting'],
  done: ['active', 'waiting'],
  cancelled: [],
  failed: [],
}

/**
 * Why a schedule has ended before its last value. `byHand`: its parameter was changed while it moved it; `byOrder`: somebody
 * cancelled it; `noEpochs`: it counts epochs and the job reports none; `throughZero`: an exponential cannot pass it;
 * `notFinite`: it came to no number; `malformed`: it cannot be read.
 */
export const scheduleReasons = ['byHand', 'byOrder', 'noEpochs', 'throughZero', 'notFinite', 'malformed'] as const
export type ScheduleReason = (typeof scheduleReasons)[number]
