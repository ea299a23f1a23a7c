/**
 * What a report means for its attempt: state, stages, clock, and whether its points count. Pure: nothing is read or written.
 *
 * One authority per field. The state is taken from `exit` (who saw the process end) before `sdk`, from `parser` only while no
 * `sdk` has spoken, from `sampler` never. An end that `exit` reports corrects one that the `sdk` reported, except that a job
 * cancelled stays cancelled. Any other event must be allowed by `jobTransitions`; one that is not is ignored.
 * A report of an attempt that waits or is lost shows that its process is alive: the attempt is running then.
 */
import {
  type JobError,
  type JobKind,
  type JobState,
  type Report,
  type ReportRole,
  type StateEvent,
  canTransition,
  isEnded,
} from '@pilothouse/contract'
import { measureOffset } from './clock-offset.ts'
import { type StageEntry, applyStageEvent, endStages, failingStage, inferStages, layStages } from './stages.ts'

export type AttemptFacts = {
  number: number
  state: JobState
  /** Who decided `state`. */
  stateRole: ReportRole | null
  startedMs: number | null
  endedMs: number | null
  exitCode: number | null
  signal: string | null
  error: AttemptError | null
  clockOffsetMs: number | null
  sdkSpoke: boolean
}

export type AttemptError = { type: string; message: string; traceback: string | null; stage: string | null }

export type AttemptState = { attempt: AttemptFacts; stages: readonly StageEntry[] }

export type ReportEffects = {
  next: AttemptState
  /** False where a parser's points, and its stages with them, are dropped because an sdk speaks. */
  takesPoints: boolean
  /** The attempt came to its end by this report. */
  ended: boolean
}

export type ReportEvent = { report: Report; kind: JobKind; now: number }

/** The attempt after `report` arrived at `now` (server's clock). */
export function applyReport(before: AttemptState, { report, kind, now }: ReportEvent): ReportEffects {
  const clockOffsetMs = measureOffset(before.attempt.clockOffsetMs, report.sentAt - now)
  const toServer = (at: number) => Math.round(Math.min(now, at - clockOffsetMs))
  const hasPoints = report.points.length > 0
  const takesPoints = !(report.role === 'parser' && before.attempt.sdkSpoke)
  const heard: AttemptFacts = {
    ...before.attempt,
    clockOffsetMs,
    sdkSpoke: before.attempt.sdkSpoke || (report.role === 'sdk' && hasPoints),
  }
  const alive = reviveAttempt(heard, report, now)
  const stages = isEnded(alive.state)
    ? before.stages
    : moveStages(before.stages, { report, kind, now, toServer, takesPoints })
  const attempt = report.state
    ? applyStateEvent(alive, { event: report.state, role: report.role, at: toServer(report.state.at), stages })
    : alive
  const changedEnd = attempt.state !== before.attempt.state && isEnded(attempt.state)
  return {
    next: { attempt, stages: changedEnd ? endStages(stages, attempt.state, attempt.endedMs ?? now) : stages },
    takesPoints,
    ended: changedEnd,
  }
}

/** A waiting or lost attempt that reports is running, unless the report says otherwise itself. */
function reviveAttempt(attempt: AttemptFacts, { state }: Report, now: number): AttemptFacts {
  const silent =
    attempt.state === 'lost' ||
    attempt.state === 'queued' ||
    attempt.state === 'submitting' ||
    attempt.state === 'pending'
  if (!silent || (state !== undefined && canTransition(attempt.state, state.state) && isEnded(state.state)))
    return attempt
  return { ...attempt, state: 'running', stateRole: null, startedMs: attempt.startedMs ?? now, endedMs: null }
}

type StagesEvent = ReportEvent & { toServer(at: number): number; takesPoints: boolean }

function moveStages(
  stages: readonly StageEntry[],
  { report, kind, now, toServer, takesPoints }: StagesEvent,
): readonly StageEntry[] {
  const declared = report.job?.stages ? layStages(report.job.stages, stages) : stages
  const told = takesPoints ? report.stages : []
  const moved = told.reduce<readonly StageEntry[]>(
    (list, event) => applyStageEvent(list, event, toServer(event.at)),
    declared,
  )
  const ownPoints = takesPoints && report.points.find(({ source, steps }) => source === 'job' && steps.length > 0)
  return ownPoints ? inferStages(moved, kind, Math.min(now, toServer(ownPoints.times[0] ?? now))) : moved
}

type Ruling = { event: StateEvent; role: ReportRole; at: number; stages: readonly StageEntry[] }

function applyStateEvent(attempt: AttemptFacts, ruling: Ruling): AttemptFacts {
  const { event, role, at } = ruling
  if (role === 'sampler' || (role === 'parser' && attempt.sdkSpoke)) return attempt
  if (!mayMove(attempt, event.state, role)) return role === 'exit' ? noteExit(attempt, event) : attempt
  const ended = isEnded(event.state)
  return {
    ...noteExit(attempt, event),
    state: event.state,
    stateRole: role,
    startedMs: attempt.startedMs ?? at,
    endedMs: ended ? (isEnded(attempt.state) ? (attempt.endedMs ?? at) : Math.max(at, attempt.startedMs ?? at)) : null,
    error: event.state === 'failed' ? chooseError(attempt.error, ruling) : null,
  }
}

function mayMove({ state, stateRole }: AttemptFacts, to: JobState, role: ReportRole): boolean {
  if (canTransition(state, to)) return true
  const corrects = role === 'exit' && stateRole !== 'exit' && stateRole !== null
  return corrects && (state === 'completed' || state === 'failed') && state !== to && isEnded(to)
}

/** How the process ended is worth keeping even where the state stands. */
function noteExit(attempt: AttemptFacts, { exitCode, signal }: StateEvent): AttemptFacts {
  return { ...attempt, exitCode: exitCode ?? attempt.exitCode, signal: signal ?? attempt.signal }
}

/** What the script said of its failure is worth more than a bare exit code. */
function chooseError(known: AttemptError | null, { event, stages }: Ruling): AttemptError {
  if (known && (event.error === undefined || isBare(event.error))) return known
  const error = event.error ?? describeExit(event)
  return { type: error.type, message: error.message, traceback: error.traceback ?? null, stage: failingStage(stages) }
}

function isBare({ type }: JobError): boolean {
  return type === 'exit' || type === 'signal'
}

function describeExit({ exitCode, signal }: StateEvent): JobError {
  if (signal !== undefined) return { type: 'signal', message: `Ended by signal ${signal}.` }
  return {
    type: 'exit',
    message: exitCode === undefined ? 'Failed without saying why.' : `Ended with exit code ${exitCode}.`,
  }
}
