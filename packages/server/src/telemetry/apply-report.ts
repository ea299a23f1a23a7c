/**
 * What a report means for its attempt: state, stages, clock, and whether its points count. Pure: nothing is read or written.
 *
 * One authority per field. The state is taken from `exit` (who saw the process end) before `sdk`, from `parser` only while no
 * `sdk` has spoken, from `sampler` never. An end that `exit` reports corrects one that the `sdk` reported, except that a job
 * cancelled stays cancelled. Any other event must be allowed by `jobTransitions`; one that is not is ignored.
 * A report of an attempt that waits or is lost shows that its process is alive: the attempt is running then.
 *
 * Of several processes of a distributed job the first failure counts (`first-failure.ts`), in whatever order they are told:
 * the others fail because of it, or are asked to end by their launcher, which looks like a cancellation. An error told with
 * `running` is one of a process that does not decide the end: it is kept until somebody who does says how it ended.
 */
import {
  type JobKind,
  type JobState,
  type Report,
  type ReportRole,
  type StateEvent,
  canTransition,
  isEnded,
} from '@pilothouse/contract'
import { measureOffset } from './clock-offset.ts'
import { type AttemptError, precedes, wasEndedByFailure } from './first-failure.ts'
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
  const clockOffsetMs = chooseOffset(before.attempt.clockOffsetMs, { report, kind, now })
  // Another rank may run on another host: its own clock tells when it failed.
  const ownOffsetMs = isOfOther(report) ? report.sentAt - now : clockOffsetMs
  const toServer = (at: number) => Math.round(Math.min(now, at - ownOffsetMs))
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

/** The clock of the process that logs: the times of its points are read by it. */
function chooseOffset(known: number | null, { report, now }: ReportEvent): number {
  return known !== null && isOfOther(report) ? known : measureOffset(known, report.sentAt - now)
}

/** True for what another process than the one that logs has told. */
function isOfOther({ role, state }: Report): boolean {
  return role === 'sampler' || (state?.rank ?? 0) > 0
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
  if (!isEnded(event.state) && event.error) return noteError(attempt, ruling)
  if (!mayMove(attempt, ruling))
    return event.state === 'failed' ? noteError(attempt, ruling) : noteLate(attempt, ruling)
  const ended = isEnded(event.state)
  return {
    ...noteExit(attempt, event),
    state: event.state,
    stateRole: role,
    startedMs: attempt.startedMs ?? at,
    endedMs: ended ? (isEnded(attempt.state) ? (attempt.endedMs ?? at) : Math.max(at, attempt.startedMs ?? at)) : null,
    error: event.state === 'failed' ? chooseError(attempt.error, ruling, !isEnded(attempt.state)) : null,
  }
}

function mayMove(attempt: AttemptFacts, { event, role, at }: Ruling): boolean {
  const { state, stateRole } = attempt
  const to = event.state
  if (canTransition(state, to)) return true
  if (to === 'failed' && role === 'sdk' && stateRole === 'sdk') return wasEndedByFailure(attempt, event, at)
  const corrects = role === 'exit' && stateRole !== 'exit' && stateRole !== null
  return corrects && (state === 'completed' || state === 'failed') && state !== to && isEnded(to)
}

/** A failure that does not move the state may still be what it came from. */
function noteError(attempt: AttemptFacts, ruling: Ruling): AttemptFacts {
  const noted = noteLate(attempt, ruling)
  const takesError = attempt.state === 'failed' || !isEnded(attempt.state)
  return takesError ? { ...noted, error: chooseError(attempt.error, ruling, !isEnded(attempt.state)) } : noted
}

/** How the process ended is worth keeping even where the state stands. */
function noteLate(attempt: AttemptFacts, { role, event }: Ruling): AttemptFacts {
  return role === 'exit' ? noteExit(attempt, event) : attempt
}

function noteExit(attempt: AttemptFacts, { exitCode, signal }: StateEvent): AttemptFacts {
  return { ...attempt, exitCode: exitCode ?? attempt.exitCode, signal: signal ?? attempt.signal }
}

/** What the script said of its failure is worth more than a bare exit code; of two failures of one moment the first one counts. */
function chooseError(known: AttemptError | null, { event, at, stages }: Ruling, underWay: boolean): AttemptError {
  const error = event.error ?? describeExit(event)
  const told: AttemptError = {
    type: error.type,
    message: error.message,
    traceback: error.traceback ?? null,
    stage: known?.stage ?? failingStage(stages),
    rank: event.rank ?? null,
    at,
  }
  return known && !precedes(told, known, underWay) ? known : told
}

function describeExit({
  exitCode,
  signal,
}: StateEvent): Pick<AttemptError, 'type' | 'message'> & { traceback?: string } {
  if (signal !== undefined) return { type: 'signal', message: `Ended by signal ${signal}.` }
  return {
    type: 'exit',
    message: exitCode === undefined ? 'Failed without saying why.' : `Ended with exit code ${exitCode}.`,
  }
}
