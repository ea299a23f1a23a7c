/**
 * Which parameter matters for a metric, told from jobs that have run. Each parameter is looked at alone: what two of them
 * do only together is not seen, and two that were always changed together cannot be told apart.
 */
import type { ConfigValue } from '@pilothouse/contract'
import { correlationRatio, pearson, spearman, type Strength } from './correlation.ts'

/** Fewer jobs than this tell nothing: with four, |r| would have to exceed 0.95 to be more than chance. */
export const jobsForCorrelationMin = 5

export type Parameter = { name: string; values: readonly (ConfigValue | undefined)[] }

export type Influence = {
  name: string
  /** Jobs that have both the parameter and the metric. */
  n: number
  /** All its values are numbers. */
  isNumeric: boolean
  pearson: Strength | null
  spearman: Strength | null
  /** η² over its values as groups: for words, and for numbers where values repeat. */
  ratio: (Strength & { groups: number }) | null
  /**
   * Share of the metric's variance that goes with this parameter, the best of the three measures less what as many
   * random values would explain; 0 … 1. Null where nothing can be said.
   */
  importance: number | null
  /** p-value of the measure that gave the importance. */
  p: number | null
  /** Why nothing can be said. */
  absence: 'tooFew' | 'constantParameter' | 'constantMetric' | 'allDifferent' | null
}

/** Pure. The most important first, then those of which nothing can be said, both by name where they are equal. */
export function rankParameters(
  parameters: readonly Parameter[],
  metric: readonly (number | null | undefined)[],
): Influence[] {
  return parameters
    .map((parameter) => measureInfluence(parameter, metric))
    .sort((a, b) => (b.importance ?? -1) - (a.importance ?? -1) || (a.name < b.name ? -1 : 1))
}

function measureInfluence({ name, values }: Parameter, metric: readonly (number | null | undefined)[]): Influence {
  const pairs = values.flatMap((value, at) => {
    const y = metric[at]
    return value === undefined || value === null || typeof y !== 'number' || !Number.isFinite(y) ? [] : [{ value, y }]
  })
  const ys = pairs.map(({ y }) => y)
  const xs = pairs.map(({ value }) => value)
  const numbers = xs.filter((value) => typeof value === 'number')
  const isNumeric = numbers.length === xs.length
  const n = pairs.length
  const nothing = { name, n, isNumeric, pearson: null, spearman: null, ratio: null, importance: null, p: null }
  const absence = findAbsence(xs, ys)
  if (absence) return { ...nothing, absence }
  const ratio = correlationRatio(xs, ys)
  const linear = isNumeric ? pearson(numbers, ys) : null
  const monotone = isNumeric ? spearman(numbers, ys) : null
  const best = [
    ...(linear ? [{ ...linear, share: adjustShare(linear.value ** 2, n, 1) }] : []),
    ...(monotone ? [{ ...monotone, share: adjustShare(monotone.value ** 2, n, 1) }] : []),
    ...(ratio ? [{ ...ratio, share: adjustShare(ratio.value, n, ratio.groups - 1) }] : []),
  ].sort((a, b) => b.share - a.share)[0]
  if (!best) return { ...nothing, absence: 'allDifferent' }
  return { ...nothing, pearson: linear, spearman: monotone, ratio, importance: best.share, p: best.p, absence: null }
}

function findAbsence(xs: readonly ConfigValue[], ys: readonly number[]): Influence['absence'] {
  if (xs.length < jobsForCorrelationMin) return 'tooFew'
  if (xs.every((value) => value === xs[0])) return 'constantParameter'
  return ys.every((value) => value === ys[0]) ? 'constantMetric' : null
}

/**
 * The share of variance less what chance explains with so many degrees of freedom: 1 − (1−s)·(n−1)/(n−1−d), at least 0.
 * For r² that is the adjusted R² (Ezekiel 1930), for η² it is ε² (Kelley 1935).
 */
export function adjustShare(share: number, n: number, freedom: number): number {
  return Math.max(0, 1 - ((1 - share) * (n - 1)) / (n - 1 - freedom))
}
