/**
 * The life of a command: an order to a running job.
 *
 *   created      stored; the job does not know of it yet
 *   delivered    the job has it and carries it out at its next control point
 *   applied      done, at the step that it names
 *   rejected     the job will not do it, and says why; nothing has changed
 *   failed       it was tried and went wrong; what is true now is told beside it
 *   expired      its time was over, or its attempt had ended, before anybody told of it
 *   superseded   a later one took its place before it was carried out
 */
export const commandStates = ['created', 'delivered', 'applied', 'rejected', 'failed', 'expired', 'superseded'] as const
export type CommandState = (typeof commandStates)[number]

/** Allowed transitions. What a job tells late is true all the same, so `expired` can still become what really happened. */
export const commandTransitions: Readonly<Record<CommandState, readonly CommandState[]>> = {
  created: ['delivered', 'applied', 'rejected', 'failed', 'expired', 'superseded'],
  delivered: ['applied', 'rejected', 'failed', 'expired', 'superseded'],
  applied: [],
  rejected: [],
  failed: [],
  expired: ['applied', 'rejected', 'failed', 'superseded'],
  superseded: [],
}

/** States of a command that may yet be carried out. */
export const openCommandStates = ['created', 'delivered'] as const satisfies readonly CommandState[]

/** True when `to` may follow `from`. */
export function canMoveCommand(from: CommandState, to: CommandState): boolean {
  return commandTransitions[from].includes(to)
}

/** True while a command may yet be carried out. */
export function isOpenCommand(state: CommandState): boolean {
  return openCommandStates.some((one) => one === state)
}

/** What a job can be told to do. */
export const commandKinds = [
  'set',
  'checkpoint',
  'rollback',
  'deleteCheckpoint',
  'copy',
  'pause',
  'resume',
  'stop',
  'evaluate',
  'schedule',
  'cancelSchedule',
] as const
export type CommandKind = (typeof commandKinds)[number]
