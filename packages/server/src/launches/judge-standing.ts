/** What it means for a launch how its target says that it stands. Pure. */
import type { JobState, StateEvent } from '@pilothouse/contract'
import type { RunCause, RunEnd, RunStanding } from '@pilothouse/fleet'
import type { KeptLaunch } from './launch-rows.ts'

export type Judgement =
  /** Nobody knows now. */
  | { kind: 'unknown' }
  /** It waits, in a further attempt where it ran before. */
  | { kind: 'pending'; isNew: boolean; reason: string | null }
  | { kind: 'running'; isNew: boolean }
  /** It has ended; what it printed until then comes first. */
  | { kind: 'ended'; state: Pick<StateEvent, 'state' | 'exitCode' | 'error'>; at: number | null }
  /** Neither scheduler nor process nor exit record knows it. */
  | { kind: 'lost'; reason: string }

/** Its job's state, and how often it was begun, say what is new. */
export function judgeStanding(
  { restarts, jobState }: Pick<KeptLaunch, 'restarts' | 'jobState'>,
  standing: RunStanding,
): Judgement {
  const isAgain = standing.restarts > restarts
  switch (standing.state) {
    case 'unknown':
      return { kind: 'unknown' }
    case 'waiting':
    case 'pending':
    case 'held':
      return { kind: 'pending', isNew: isAgain || jobState !== 'pending', reason: standing.reason }
    case 'running':
      return { kind: 'running', isNew: isAgain || !isAlive(jobState) }
    case 'ended':
      return { kind: 'ended', state: describeEnd(standing), at: standing.endedAt }
    case 'lost':
      return {
        kind: 'lost',
        reason: 'Its process is gone, and nothing says how it ended: its machine may have been switched off.',
      }
    case 'gone':
      return { kind: 'lost', reason: 'Its folder is gone: somebody has removed it there.' }
    default:
      return standing.state satisfies never
  }
}

function isAlive(state: JobState | null): boolean {
  return state === 'running' || state === 'paused'
}

/** What is told as its error where the scheduler ended it. */
const causeWords: Partial<Record<RunCause, { type: string; message: string }>> = {
  timeLimit: { type: 'TimeLimit', message: 'Its time limit was over: Slurm ended it.' },
  outOfMemory: { type: 'OutOfMemory', message: 'It used more memory than it had asked for: Slurm ended it.' },
  nodeFailure: { type: 'NodeFailure', message: 'The node that it ran on failed.' },
  preempted: {
    type: 'Preempted',
    message: 'It had to make room for a job of higher rank, and was not to be started again.',
  },
}

/** How an attempt ended that another one of the same job follows. */
export type EarlierEnd = {
  attempt: number
  state: Extract<JobState, 'completed' | 'failed' | 'cancelled'>
  reason: string
  exitCode: number | null
  /** null: when it was found. */
  at: number | null
}

export const requeuedWords = 'It was put back into the queue, by hand or by Slurm.'

/** Whoever ended it, it was to begin anew: that is no failure of the job, unless the job or its machine had failed before. */
export function describeEarlier({ restarts, cause, exitCode, endedAt }: RunEnd): EarlierEnd {
  const end = { attempt: restarts + 1, exitCode, at: endedAt }
  switch (cause) {
    case 'preempted':
      return {
        ...end,
        state: 'cancelled',
        reason: 'Pre-empted by Slurm: it made room for a job of higher rank, and was put back into the queue.',
      }
    case 'requeued':
    case 'cancelled':
      return { ...end, state: 'cancelled', reason: requeuedWords }
    case 'completed':
      return { ...end, state: 'completed', reason: 'It had ended, and was put back into the queue.' }
    case 'failed':
    case 'nodeFailure':
    case 'outOfMemory':
    case 'timeLimit': {
      const { message } = causeWords[cause] ?? { message: 'It had failed.' }
      return { ...end, state: 'failed', reason: `${message} It was put back into the queue.` }
    }
    default:
      return cause satisfies never
  }
}

function describeEnd({ cause, exitCode }: RunStanding): Pick<StateEvent, 'state' | 'exitCode' | 'error'> {
  const code = exitCode === null ? {} : { exitCode }
  if (cause === 'cancelled') return { state: 'cancelled', ...code }
  if (cause === 'completed' || (cause === null && exitCode === 0)) return { state: 'completed', ...code }
  const error = cause === null ? undefined : causeWords[cause]
  return { state: 'failed', ...code, ...(error ? { error } : {}) }
}
