/** What a machine has cost between two looks at it, from its rate. Pure: all of it is an estimate until the provider bills. */
import type { InstanceFacts } from '@pilothouse/contract'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Between looks further apart than this nobody knows what happened, unless the machine tells since when it runs. */
export const gapMaxMs = 5 * 60_000
/** Before it was seen first, a machine is taken to have run for so long at most. */
const untoldMaxMs = 92 * dayMs

export type Look = { at: number; facts: InstanceFacts }
export type Span = { from: number; until: number; perHour: number }
export type DayCost = { day: number; amount: number }

/** Nothing, or one span at one rate. @param before null: it was never seen */
export function judgeSpan(before: Look | null, { at, facts }: Look): Span | null {
  const { startedAt } = facts
  if (before === null) {
    if (facts.status !== 'running' || startedAt === null) return null
    return toSpan(Math.max(startedAt, at - untoldMaxMs), at, rateOf(facts))
  }
  const gap = at - before.at
  const rate = rateOf(before.facts)
  if (gap <= gapMaxMs) return toSpan(before.at, at, rate)
  const { status } = before.facts
  if (facts.status === 'running' && startedAt !== null && startedAt > before.at)
    return toSpan(startedAt, at, rateOf(facts))
  // Stopped or running, it stayed what it was for all that is known.
  if (status === facts.status && (status !== 'running' || startedAt !== null)) return toSpan(before.at, at, rate)
  return toSpan(before.at, before.at + gapMaxMs, rate)
}

/** Of each day of UTC that it touches. */
export function splitByDay({ from, until, perHour }: Span): DayCost[] {
  const days: DayCost[] = []
  for (let begin = from; begin < until;) {
    const day = dayOf(begin)
    const end = Math.min(until, day + dayMs)
    days.push({ day, amount: (perHour * (end - begin)) / hourMs })
    begin = end
  }
  return days
}

export type Bill = { from: number; until: number; amount: number }

/** What was billed, by day; only whole days that are over at `now`: of today more will come. */
export function billByDay(bills: readonly Bill[], now: number): DayCost[] {
  const sums = new Map<number, number>()
  for (const { from, until, amount } of bills) {
    const lengthMs = Math.max(until - from, 1)
    // Some bill a day by a moment in it.
    const parts = splitByDay({ from, until: from + lengthMs, perHour: (amount / lengthMs) * hourMs })
    for (const part of parts) sums.set(part.day, (sums.get(part.day) ?? 0) + part.amount)
  }
  return [...sums].filter(([day]) => day + dayMs <= now).map(([day, amount]) => ({ day, amount }))
}

/** Begin of the day of UTC, ms. */
export function dayOf(at: number): number {
  return Math.floor(at / dayMs) * dayMs
}

/** Of an hour in this state: its disk is billed while it is stopped, and nothing while its image is fetched. */
export function rateOf({ status, perHour, storagePerHour }: InstanceFacts): number {
  switch (status) {
    case 'running':
      return perHour ?? 0
    case 'stopped':
    case 'exited':
    case 'offline':
      return storagePerHour ?? 0
    case 'created':
    case 'loading':
    case 'gone':
    case 'unknown':
      return 0
    default:
      return status satisfies never
  }
}

function toSpan(from: number, until: number, perHour: number): Span | null {
  return until > from && perHour > 0 ? { from, until, perHour } : null
}
