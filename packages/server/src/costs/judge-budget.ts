/** Which thresholds of a budget are reached and were not told of. Pure. */

export type JudgedBudget = { amount: number; thresholds: readonly number[]; spent: number }

/** @param told thresholds of this period that were told of, %; ascending, as the answer is */
export function findReached({ amount, thresholds, spent }: JudgedBudget, told: readonly number[]): number[] {
  return thresholds.filter((threshold) => isReached({ amount, spent }, threshold) && !told.includes(threshold))
}

/** @param threshold % */
export function isReached({ amount, spent }: Pick<JudgedBudget, 'amount' | 'spent'>, threshold: number): boolean {
  return spent >= (amount * threshold) / 100
}
