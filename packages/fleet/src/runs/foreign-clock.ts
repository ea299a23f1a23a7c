/** Clocks of other machines: what they say when is told by ours. */

/** When they were asked what time it is, and answered, ms of our clock. */
export type ClockQuestion = { askedAt: number; answeredAt: number }

/**
 * How far a clock is ahead of ours, ms; less than 0 where it is behind. What it says lies between question and answer where it is
 * right: then it is 0, however long the answer took.
 * @param seconds what it said, whole seconds since 1970
 */
export function measureLead(seconds: number, { askedAt, answeredAt }: ClockQuestion): number {
  if (!Number.isFinite(seconds)) return 0
  const [earliest, latest] = [seconds * 1000, seconds * 1000 + 999]
  if (earliest <= answeredAt && askedAt <= latest) return 0
  return (earliest + latest - askedAt - answeredAt) / 2
}

/** A time that a clock with this lead said, by ours. */
export function correctTime(at: number | null, lead: number): number | null {
  return at === null ? null : at - lead
}
