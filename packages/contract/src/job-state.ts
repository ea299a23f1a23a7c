/**
 * The life of a job.
 *
 *   queued      accepted by pilothouse, waiting for a place of its own choosing
 *   submitting  being handed to a target (script written, files copied, scheduler called)
 *   pending     the target's scheduler has it and has not started it
 *   running     a process reports, or the scheduler says so
 *   paused      alive, holding its resources, making no steps
 *   completed   ended by itself with success
 *   failed      ended with an error, a non-zero exit code or a signal nobody asked for
 *   cancelled   ended because somebody asked for it
 *   lost        nobody knows: no report, no scheduler entry, no exit record. A late report revives it
 */
export const jobStates = [
  'queued',
  'submitting',
  'pending',
  'running',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'lost',
] as const
export type JobState = (typeof jobStates)[number]

/** Allowed transitions. Out of an end state leads only a new attempt (requeue, resume). */
export const jobTransitions: Readonly<Record<JobState, readonly JobState[]>> = {
  queued: ['submitting', 'pending', 'running', 'cancelled', 'failed'],
  submitting: ['queued', 'pending', 'running', 'failed', 'cancelled', 'lost'],
  pending: ['queued', 'running', 'completed', 'failed', 'cancelled', 'lost'],
  running: ['pending', 'paused', 'completed', 'failed', 'cancelled', 'lost'],
  paused: ['pending', 'running', 'completed', 'failed', 'cancelled', 'lost'],
  completed: [],
  failed: [],
  cancelled: [],
  lost: ['running', 'paused', 'completed', 'failed', 'cancelled'],
}

/** States in which a job is over, as far as anybody knows. */
export const endStates = ['completed', 'failed', 'cancelled', 'lost'] as const satisfies readonly JobState[]

/** States in which a process of the job is alive. */
export const liveStates = ['running', 'paused'] as const satisfies readonly JobState[]

/** True when `to` may follow `from` within one attempt. */
export function canTransition(from: JobState, to: JobState): boolean {
  return jobTransitions[from].includes(to)
}

/** True when a job in `state` has ended. `lost` counts: it may revive, but nothing is under way. */
export function isEnded(state: JobState): boolean {
  return endStates.some((one) => one === state)
}

/** True when a process of the job is alive. */
export function isLive(state: JobState): boolean {
  return liveStates.some((one) => one === state)
}

export const jobKinds = ['training', 'evaluation', 'engine', 'worker', 'other'] as const
export type JobKind = (typeof jobKinds)[number]

/** Words that stand where a uid could stand in a path and therefore are no uids. */
export const reservedUids = ['current', 'past', 'statistics'] as const

export const stageStates = ['pending', 'active', 'completed', 'failed', 'skipped'] as const
export type StageState = (typeof stageStates)[number]

/** The stages of a job that declares none of its own. */
export const defaultStages = ['Dataset loading', 'Tokenization', 'Training', 'Validation', 'Save model'] as const
