/** Share of a lower measurement that is believed at once. A report delayed on its way looks like a slow clock. */
const believedShare = 0.02

/**
 * The reporter's clock against ours, ms, after one more measurement (its clock at sending minus ours at arrival). The way
 * only ever makes a measurement smaller, so the largest one is the best; smaller ones pull it down slowly, which follows
 * a clock that was set back.
 */
export function measureOffset(known: number | null, measured: number): number {
  if (known === null || measured >= known) return measured
  return known + (measured - known) * believedShare
}
