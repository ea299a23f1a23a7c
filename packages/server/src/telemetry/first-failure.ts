/**
 * Which failure a distributed job failed by. Pure.
 *
 * One process fails first. The others then fail in a collective operation that lost its peer, or are asked by their launcher
 * (torchrun, srun, mpirun) to end. Reports of all of them arrive in any order. So what says more comes before what says
 * less, and of equals the earlier one comes first: an exception of its own before one of a broken collective before a bare
 * exit code.
 */
import type { StateEvent } from '@pilothouse/contract'

/** Why an attempt failed; `at` is the server's clock, ms. */
export type AttemptError = {
  type: string
  message: string
  traceback: string | null
  stage: string | null
  rank: number | null
  at: number | null
}

/** Clocks of two hosts agree within this, ms. */
const clocksAgreeMs = 2_000
/** Processes of one job that fail within this fail of one thing, ms: launchers give them 30 s to end. */
const oneFailureMs = 60_000
const brokenCollective =
  /(?:connection (?:was )?(?:closed|reset|refused|aborted)|broken pipe|socket timeout|\bnccl\b|\bgloo\b|watchdog|collective operation|process group|heartbeat timeout|remote process exited)/i
const collectiveTypes = /(?:^|\.)(?:Dist\w*Error|BrokenPipeError|ConnectionResetError)$/

/**
 * True when `told` says better than `known` why the attempt failed. `underWay`: it went on after `known`, so a later failure
 * is another one (the next part of a script, the next try of a launcher), and that may be what it ends by.
 */
export function precedes(told: AttemptError, known: AttemptError, underWay: boolean): boolean {
  if (underWay && isLater(told, known)) return !isBare(told)
  const [mine, other] = [weigh(told), weigh(known)]
  if (mine !== other) return mine > other
  return told.at !== null && known.at !== null && told.rank !== known.rank && told.at < known.at
}

function isLater({ rank, at }: AttemptError, known: AttemptError): boolean {
  if (at === null || known.at === null) return true
  return at >= known.at + (rank === null ? 0 : oneFailureMs)
}

/** True when an attempt that one process called completed or cancelled had failed in another by then, at `at` (server's clock, ms). */
export function wasEndedByFailure(
  ended: { state: string; signal: string | null; endedMs: number | null },
  event: StateEvent,
  at: number,
): boolean {
  if (event.rank === undefined || event.error === undefined) return false
  if (ended.state === 'completed') return event.rank > 0
  // Launchers end the other processes so; a person would have interrupted this one, too.
  if (ended.state !== 'cancelled' || ended.signal !== 'SIGTERM' || ended.endedMs === null) return false
  return at < ended.endedMs + (isOfCollective(event.error) ? 0 : clocksAgreeMs)
}

function weigh(error: AttemptError): number {
  if (isBare(error)) return 0
  return isOfCollective(error) ? 1 : 2
}

/** True when only the end of the process is known. */
function isBare({ type }: Pick<AttemptError, 'type'>): boolean {
  return type === 'exit' || type === 'signal'
}

function isOfCollective({ type, message }: Pick<AttemptError, 'type' | 'message'>): boolean {
  return collectiveTypes.test(type) || brokenCollective.test(message)
}
