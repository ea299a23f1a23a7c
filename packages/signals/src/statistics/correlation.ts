import { incompleteBeta } from './incomplete-beta.ts'

/** How strongly two things go together, and how often chance alone gives as much: the two-sided p-value. */
export type Strength = { value: number; p: number }

/**
 * Pearson's r of pairs. The p-value is that of t = r·√((n−2)/(1−r²)) with n−2 degrees of freedom, which is
 * I_{1−r²}((n−2)/2, ½); exact when both are normally distributed (Student 1908).
 * Null with fewer than three pairs, or where one side does not vary.
 */
export function pearson(xs: readonly number[], ys: readonly number[]): Strength | null {
  const n = Math.min(xs.length, ys.length)
  const x = centre(xs.slice(0, n))
  const y = centre(ys.slice(0, n))
  if (n < 3 || x === null || y === null) return null
  const value = clamp(x.reduce((sum, one, at) => sum + one * (y[at] ?? 0), 0))
  return { value, p: incompleteBeta(1 - value * value, (n - 2) / 2, 0.5) }
}

/**
 * Spearman's ρ: Pearson's r of the ranks, equal values sharing the mean of theirs (Spearman 1904). It sees every
 * monotone relation, so a logarithmic scale changes nothing. The p-value is the usual approximation by t, too small for
 * fewer than about ten pairs.
 */
export function spearman(xs: readonly number[], ys: readonly number[]): Strength | null {
  const n = Math.min(xs.length, ys.length)
  return pearson(rankValues(xs.slice(0, n)), rankValues(ys.slice(0, n)))
}

/**
 * Correlation ratio η²: the share of the variance of `ys` that lies between the groups (Pearson 1905). The p-value is that
 * of the analysis of variance of one factor, F = (η²/(k−1)) / ((1−η²)/(n−k)), which is I_{1−η²}((n−k)/2, (k−1)/2).
 * Null with fewer than two groups, without two values more than groups, or where `ys` do not vary.
 */
export function correlationRatio(
  groups: readonly unknown[],
  ys: readonly number[],
): (Strength & { groups: number }) | null {
  const n = Math.min(groups.length, ys.length)
  const y = centre(ys.slice(0, n))
  if (y === null) return null
  const sums = new Map<unknown, { sum: number; count: number }>()
  y.forEach((value, at) => {
    const known = sums.get(groups[at]) ?? { sum: 0, count: 0 }
    sums.set(groups[at], { sum: known.sum + value, count: known.count + 1 })
  })
  const k = sums.size
  if (k < 2 || n - k < 2) return null
  // The values have length 1: the sum of squares between the groups is the share.
  const between = [...sums.values()].reduce((total, { sum, count }) => total + (sum * sum) / count, 0)
  const value = Math.min(1, between)
  return { value, p: incompleteBeta(1 - value, (n - k) / 2, (k - 1) / 2), groups: k }
}

/** Ranks from 1 on; equal values share the mean of theirs. */
export function rankValues(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  const ranks = values.map(() => 0)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to + 1 < order.length && values[order[to + 1] ?? 0] === values[order[from] ?? 0]) to += 1
    for (let at = from; at <= to; at += 1) ranks[order[at] ?? 0] = (from + to) / 2 + 1
    from = to + 1
  }
  return ranks
}

/** Deviations from the mean, scaled to the length 1; null where nothing varies beyond what rounding does. */
function centre(values: readonly number[]): number[] | null {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (largest === 0 || !Number.isFinite(largest) || values.every((value) => value === values[0])) return null
  // Scaled before they are added, so that huge values have squares, too.
  const scaled = values.map((value) => value / largest)
  const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length
  const apart = scaled.map((value) => value - mean)
  const spread = apart.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (spread <= Number.EPSILON * 4) return null
  const length = spread * Math.sqrt(apart.reduce((sum, value) => sum + (value / spread) ** 2, 0))
  return apart.map((value) => value / length)
}

function clamp(value: number): number {
  return Math.max(-1, Math.min(1, value))
}
