/**
 * What printed lines say, while it is not clear whether the script reports its numbers itself by the SDK.
 *
 *   no word of the SDK          passed on after `graceMs` from the first of them: its word may be on its way
 *   it is there (`init`)        held back, for a while: a script that reports prints the same numbers
 *   it has sent numbers (`log`) forgotten, and so is all that follows: there is one loss, not two
 */
import type { LogReading } from './log-reader.ts'

/** A script that has not sent a number of its own by then does not do so, ms. */
const holdMs = 60_000
/** Readings held. Above: it is not waited for any longer. */
const heldMax = 2_000

export type SdkWord = 'none' | 'init' | 'log'
/** What a line says, and when it was printed, ms since 1970. */
export type TimedReading = { reading: LogReading; time: number }

export type HeldReadings = {
  held: readonly TimedReading[]
  firstAt: number | null
  initAt: number | null
  /** It was waited for long enough. */
  isOver: boolean
}
export const nothingHeld: HeldReadings = { held: [], firstAt: null, initAt: null, isOver: false }

export type HoldEvent = {
  readings: readonly TimedReading[]
  word: SdkWord
  /** ms since 1970 */
  now: number
  graceMs: number
  /** Nothing follows: what is held is passed on, unless the SDK has spoken. */
  isEnd?: boolean
}

/** What is passed on at `now`, and what is held on. */
export function holdReadings(
  before: HeldReadings,
  { readings, word, now, graceMs, isEnd = false }: HoldEvent,
): { next: HeldReadings; passed: readonly TimedReading[] } {
  if (word === 'log') return { next: { ...before, held: [] }, passed: [] }
  const firstAt = before.firstAt ?? (readings.length > 0 ? now : null)
  const initAt = before.initAt ?? (word === 'init' ? now : null)
  const held = readings.length > 0 ? [...before.held, ...readings] : before.held
  const until = initAt === null ? (firstAt ?? now) + graceMs : initAt + holdMs
  const waits = !isEnd && !before.isOver && now < until && held.length <= heldMax
  if (waits) return { next: { ...before, firstAt, initAt, held }, passed: [] }
  return { next: { held: [], firstAt, initAt, isOver: initAt !== null }, passed: held }
}
