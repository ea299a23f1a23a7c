/**
 * How a run on Slurm stands, by what its folder and Slurm say together. Slurm decides whether it goes on and why it ended; the
 * exit record how the script ended. A record of an earlier beginning, before a requeue, says nothing.
 */
import type { RunLook } from '../runs/runs.ts'
import { expandHostList } from '../slurm/host-list.ts'
import type { AccountedJob } from '../slurm/parse-accounting.ts'
import type { QueuedJob } from '../slurm/parse-queue.ts'
import { explainReason, isHeld } from './explain-reason.ts'
import { describeEnd, nothingKnown } from './shell-target.ts'
import type { RunCause, RunStanding, TargetFault } from './target.ts'

export type SlurmEvidence = {
  look: RunLook
  /** As `start` gave it, or as the folder has it. */
  slurmId: string | null
  /** What the queue says; null when it does not know the job any more. */
  queued: QueuedJob | null
  /** Each time that it ran, by accounting, the newest last; null where nobody keeps accounts. */
  accounted: readonly AccountedJob[] | null
  /** Why the queue, or accounting for a job that the queue has forgotten, says nothing. */
  error: TargetFault | null
  /** The queue has said that it does not know the job. */
  isForgotten: boolean
  /** How often it was begun anew, as far as that is taken account of; null: all is to be told. */
  seenRestarts: number | null
  /** By the clock over there, ms. */
  now: number
}

/**
 * A script that has ended may be begun anew by Slurm: that is known once the queue no longer says that it runs. A queue that
 * says so for longer is not waited for (a node that does not answer keeps jobs in COMPLETING).
 */
export const recordSettlesMs = 60_000

/** What Slurm's states mean; those of a job that is over, with the reason. */
export const endCauses: Readonly<Record<string, RunCause>> = {
  BOOT_FAIL: 'nodeFailure',
  CANCELLED: 'cancelled',
  COMPLETED: 'completed',
  DEADLINE: 'timeLimit',
  FAILED: 'failed',
  NODE_FAIL: 'nodeFailure',
  OUT_OF_MEMORY: 'outOfMemory',
  PREEMPTED: 'preempted',
  REVOKED: 'cancelled',
  TIMEOUT: 'timeLimit',
}
const waitingStates = ['PENDING', 'REQUEUED', 'REQUEUE_FED', 'REQUEUE_HOLD', 'SPECIAL_EXIT', 'RESV_DEL_HOLD']

/** A job of which Slurm says so will not run any more. */
export function isOver(state: string): boolean {
  return endCauses[state] !== undefined
}

export function judgeSlurmRun(evidence: SlurmEvidence): RunStanding {
  const { look, slurmId, queued, error } = evidence
  const known: RunStanding = { ...nothingKnown, logBytes: look.logBytes, slurmId }
  if (queued !== null) return { ...known, ...judgeQueued(queued, evidence) }
  if (slurmId === null) return { ...known, ...judgeUnsubmitted(evidence) }
  const last = evidence.accounted?.at(-1)
  const cause = last === undefined ? undefined : endCauses[last.state]
  if (last !== undefined && cause !== undefined)
    return { ...known, ...endBy(last, cause, look), restarts: (evidence.accounted?.length ?? 1) - 1 }
  const hasEnded = look.exit !== null && evidence.isForgotten
  if (error !== null && !hasEnded) return { ...known, startedAt: look.startedAt, error }
  if (look.exit !== null) return { ...known, state: 'ended', ...describeEnd(look) }
  if (look.state === 'gone') return { ...known, state: 'gone' }
  // Of an element of an array that had not begun Slurm keeps nothing.
  if (look.isCancelled) return { ...known, state: 'ended', cause: 'cancelled', startedAt: look.startedAt }
  return { ...known, state: 'lost', startedAt: look.startedAt, nodes: look.host === null ? [] : [look.host] }
}

/** Nobody knows of a job. */
function judgeUnsubmitted({ look, error }: SlurmEvidence): Partial<RunStanding> {
  if (look.state === 'gone') return { state: 'gone' }
  if (look.isCancelled) return { state: 'ended', cause: 'cancelled' }
  return error === null ? { state: 'waiting' } : { error }
}

function judgeQueued(queued: QueuedJob, { look, now, seenRestarts }: SlurmEvidence): Partial<RunStanding> {
  const { state, reason, restarts, startedAt } = queued
  const cause = endCauses[state]
  if (cause !== undefined) return { ...endBy(queued, cause, look), restarts }
  const held = isHeld(state, reason)
  const why = explainReason(state, reason)
  if (waitingStates.includes(state))
    return { state: held ? 'held' : 'pending', reason: why, expectedStartAt: startedAt, restarts }
  if (state === 'CONFIGURING') return { state: 'pending', reason: why, expectedStartAt: startedAt, restarts }
  // What is put back into the queue is cleared up first: how it ended is known only then.
  if (state === 'COMPLETING' && seenRestarts !== null && restarts > seenRestarts)
    return { state: 'running', reason: why, nodes: expandHostList(queued.nodeList), restarts: seenRestarts }
  const record = look.exit
  if (record !== null && record.restarts === restarts && now - record.endedAt >= recordSettlesMs)
    return { state: 'ended', ...describeEnd(look) }
  return { state: 'running', reason: why, startedAt, nodes: expandHostList(queued.nodeList), restarts }
}

type SlurmEnd = Pick<AccountedJob, 'startedAt' | 'endedAt' | 'nodeList' | 'exitCode'> & {
  exitSignal?: number | null
  signal?: number | null
  restarts?: number
}

/** Of a job that Slurm says is over. */
function endBy(end: SlurmEnd, cause: RunCause, look: RunLook): Partial<RunStanding> {
  const isOurs = end.restarts === undefined || look.exit?.restarts === end.restarts
  const record = isOurs ? look.exit : null
  const signal = end.exitSignal ?? end.signal ?? null
  const slurmCode = signal === null ? end.exitCode : 128 + signal
  // Slurm has 0 for what it ended itself.
  const exitCode = slurmCode === 0 && cause !== 'completed' ? null : slurmCode
  const nodes = expandHostList(end.nodeList)
  return {
    state: 'ended',
    cause: cause === 'failed' && look.isCancelled ? 'cancelled' : cause,
    exitCode: record?.exitCode ?? exitCode,
    // Of one that never began it says when it was cancelled.
    startedAt: record?.startedAt ?? (nodes.length === 0 ? null : end.startedAt),
    endedAt: record?.endedAt ?? end.endedAt,
    nodes,
  }
}
