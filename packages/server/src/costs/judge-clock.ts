/**
 * Whether the clock may be believed: between two looks it must have gone as far as a counter that nobody sets. After a jump one
 * look is left out; a clock that goes on from there is believed at the next. So a clock that is set wrong and put right again
 * reaches no budget.
 */

export type ClockLook = { wallMs: number; steadyMs: number }

/** Clocks are put right by a little all the time. */
const jumpMs = 120_000

/** Pure. @param before null at the first look, which is believed */
export function isSteady(before: ClockLook | null, now: ClockLook): boolean {
  if (before === null) return true
  return Math.abs(now.wallMs - before.wallMs - (now.steadyMs - before.steadyMs)) < jumpMs
}
