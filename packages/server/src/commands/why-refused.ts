import { type CommandKind, type Controls, type JobState, isEnded, isLive } from '@pilothouse/contract'

/** What of a job decides whether it can be told something. */
export type Steerable = { state: JobState; controls: Pick<Controls, 'kinds'> | null }

const words: Record<CommandKind, string> = {
  set: 'have its parameters changed',
  checkpoint: 'be told to write a checkpoint',
  rollback: 'go back to a checkpoint',
  deleteCheckpoint: 'delete checkpoints',
  copy: 'send copies of its checkpoints',
  pause: 'pause',
  resume: 'be told to go on',
  stop: 'be told to stop',
  evaluate: 'be told to evaluate',
  schedule: 'have its parameters scheduled',
  cancelSchedule: 'have schedules cancelled',
}

/** Why a job cannot be told this now, in words; null when it can. Pure. */
export function whyRefused({ state, controls }: Steerable, kind: CommandKind): string | null {
  if (isEnded(state)) return `The job has ended (${state}): nothing can be told to it any more.`
  if (!isLive(state)) return `The job does not run yet (${state}).`
  if (!controls) {
    return 'The script has not said what it can be told: it needs job.parameter(), job.checkpoints() or job.control().'
  }
  if (!controls.kinds.includes(kind)) return `This script cannot ${words[kind]}: it has not declared that it can.`
  if (kind === 'pause' && state === 'paused') return 'The job is paused already.'
  if (kind === 'resume' && state !== 'paused') return 'The job is not paused.'
  return null
}
