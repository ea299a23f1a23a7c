/** Over which metrics the effect of a change can be looked at, and in which order they are offered. Pure. */
import type { Job, LatestMetric } from '@pilothouse/contract'
import { jobSource } from '@pilothouse/contract/wire'
import { chooseGoal, rankMetric } from '@pilothouse/signals'

export type ImpactMetric = {
  key: string
  /** null: nobody says which way is better. */
  goal: 'lower' | 'higher' | null
}

type Known = Pick<Job, 'headline' | 'metrics'>

/**
 * Metrics of the job itself: the headline, those of which it is known which way is better, the rest. `parameter` often is
 * logged under its own name: what a change did to itself comes last.
 */
export function listImpactMetrics(
  { headline, metrics }: Known,
  latest: readonly Pick<LatestMetric, 'key' | 'source'>[],
  parameter: string | undefined,
): ImpactMetric[] {
  const keys = new Set(latest.filter(({ source }) => source === jobSource).map(({ key }) => key))
  const place = ({ key, goal }: ImpactMetric): number => {
    if (key === headline?.key) return 0
    if (key === parameter) return 3
    return goal === null ? 2 : 1
  }
  return [...keys]
    .map((key): ImpactMetric => ({ key, goal: chooseGoal(metrics, key) }))
    .toSorted(
      (one, other) =>
        place(one) - place(other) ||
        rankMetric(one.key) - rankMetric(other.key) ||
        (one.key < other.key ? -1 : one.key > other.key ? 1 : 0),
    )
}
