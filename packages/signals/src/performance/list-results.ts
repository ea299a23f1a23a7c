import type { LatestMetric, MetricDefinition } from '@pilothouse/contract'
import { findDefinition, jobSource } from '@pilothouse/contract/wire'
import { metricDirection, rankMetric } from '../metric-direction.ts'

export type MetricGoal = 'lower' | 'higher' | null

/** What became of one metric. */
export type MetricResult = {
  key: string
  goal: MetricGoal
  /** May be NaN or infinite. */
  final: number
  finalStep: number
  /** The lowest or highest finite value and where it was; null where nobody says which is better, or none was finite. */
  best: { value: number; step: number } | null
  /** Of the finite values; NaN without any. */
  min: number
  minStep: number
  max: number
  maxStep: number
}

/** Which way a metric is better: as the script says, else as its name tells, else null. */
export function chooseGoal(definitions: readonly MetricDefinition[], key: string): MetricGoal {
  const goal = findDefinition(definitions, key)?.goal
  if (goal === undefined) return metricDirection(key)
  return goal === 'minimize' ? 'lower' : 'higher'
}

/** Final and best values of the job's own metrics: those with a direction first, the most loss-like before all. */
export function listResults(
  latest: readonly LatestMetric[],
  definitions: readonly MetricDefinition[] = [],
): MetricResult[] {
  const results = latest
    .filter(({ source }) => source === jobSource)
    .map((metric) => toResult(metric, chooseGoal(definitions, metric.key)))
  const rankOf = ({ goal, key }: MetricResult): number => (goal === null ? 100 : 0) + rankMetric(key)
  return results.sort((one, other) => rankOf(one) - rankOf(other) || compareKeys(one.key, other.key))
}

function toResult(metric: LatestMetric, goal: MetricGoal): MetricResult {
  const { key, step, value: final, min, minStep, max, maxStep } = metric
  const known = Number.isFinite(min) && Number.isFinite(max) && goal !== null
  const best = goal === 'lower' ? { value: min, step: minStep } : { value: max, step: maxStep }
  return { key, goal, final, finalStep: step, best: known ? best : null, min, minStep, max, maxStep }
}

function compareKeys(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
