import type { JobState } from '@pilothouse/contract'

export const waitingStates = ['queued', 'submitting', 'pending'] as const
export type WaitingState = (typeof waitingStates)[number]

/** True for a job that has not started yet. */
export function isWaiting(state: JobState): state is WaitingState {
  return waitingStates.some((one) => one === state)
}
