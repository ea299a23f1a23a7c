import { incompleteBeta } from './incomplete-beta.ts'

/** How often |t| with `freedom` degrees of freedom is at least `size` by chance: I_{ν/(ν+t²)}(ν/2, ½) (DLMF 8.17). */
export function studentTail(size: number, freedom: number): number {
  if (Number.isNaN(size)) return Number.NaN
  const square = size * size
  return square === Infinity ? 0 : incompleteBeta(freedom / (freedom + square), freedom / 2, 0.5)
}

/** The size that |t| exceeds with the probability `tail`, 0 < tail < 1; found by halving, to ten digits. */
export function studentQuantile(tail: number, freedom: number): number {
  let low = 0
  let high = 2
  while (studentTail(high, freedom) > tail && high < 1e9) high *= 2
  for (let round = 0; round < 60 && high - low > 1e-10 * high; round += 1) {
    const middle = (low + high) / 2
    if (studentTail(middle, freedom) > tail) low = middle
    else high = middle
  }
  return (low + high) / 2
}
