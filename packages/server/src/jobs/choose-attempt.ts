/**
 * Which attempt a PUT means. Pure.
 *
 *   number given            that attempt, made if missing
 *   claim known             the attempt that has it: the same process, or the same scheduler entry, speaks again
 *   claim new               the current attempt when it has no claim and has not ended (a late claim merges), else a new one
 *   neither                 the current attempt; the first when there is none
 */
import { type JobState, isEnded } from '@pilothouse/contract'

export type KnownAttempt = { number: number; claim: string | null; state: JobState }
export type AskedAttempt = { number?: number | undefined; claim?: string | undefined }

export type AttemptChoice =
  /** It says the same again: nothing changes but what the report of life itself means. */
  | { kind: 'repeat'; number: number }
  /** The attempt is there and waits for its process. */
  | { kind: 'adopt'; number: number }
  | { kind: 'open'; number: number }

export function chooseAttempt(known: readonly KnownAttempt[], asked: AskedAttempt): AttemptChoice {
  const current = known.reduce<KnownAttempt | undefined>(
    (last, one) => (last && last.number > one.number ? last : one),
    undefined,
  )
  const meant = findMeant(known, asked)
  if (meant)
    return { kind: meant.claim !== null && meant.claim === asked.claim ? 'repeat' : 'adopt', number: meant.number }
  if (asked.number !== undefined) return { kind: 'open', number: asked.number }
  if (!current) return { kind: 'open', number: 1 }
  if (asked.claim === undefined) return { kind: 'repeat', number: current.number }
  const waits = current.claim === null && !isEnded(current.state)
  return waits ? { kind: 'adopt', number: current.number } : { kind: 'open', number: current.number + 1 }
}

function findMeant(known: readonly KnownAttempt[], { number, claim }: AskedAttempt): KnownAttempt | undefined {
  if (number !== undefined) return known.find((one) => one.number === number)
  return claim === undefined ? undefined : known.find((one) => one.claim === claim)
}
