/**
 * Which settings go with a metric, over as many jobs as a search finds. Stored values are read and correlated slice after
 * slice, so that reports and other questions come in between: with 2,000 jobs a slice takes some 15 ms, and 40 settings a second.
 */
import {
  type InfluenceAnswer,
  type MetricDefinition,
  type influenceQuery,
  findDefinition,
  limits,
} from '@pilothouse/contract'
import { type Influence, metricDirection, rankMetric, rankParameters } from '@pilothouse/signals'
import type { z } from 'zod'
import type { Resources } from '../resources.ts'
import type { ColumnsInput, KeyCount } from './selected-values.ts'

type InfluenceInput = { query: z.output<typeof influenceQuery>; onlyUid: string | null; memberId: number | null }

/** Jobs whose names are counted in one slice, and settings that are read and correlated in one. */
const jobsAtOnce = 100
const settingsAtOnce = 2

export async function measureInfluence(
  { storage, now }: Pick<Resources, 'storage' | 'now'>,
  { query, onlyUid, memberId }: InfluenceInput,
): Promise<InfluenceAnswer> {
  const { metric: asked, value, ...filters } = query
  const { total, ids, definitions } = await storage.call('compare.choose', { query: filters, onlyUid, memberId })
  const slices: KeyCount[] = []
  for (let at = 0; at < ids.length; at += jobsAtOnce)
    slices.push(...(await storage.call('compare.keys', { ids: ids.slice(at, at + jobsAtOnce) })))
  const keys = mergeKeys(slices)
  const metrics = listMetrics(keys, definitions)
  const metric = keys.find(({ kind, key }) => kind === 'metric' && key === (asked ?? metrics[0]))
  const settings = keys.filter(({ kind }) => kind === 'config')
  const differing = settings.filter(differs).sort((a, b) => b.jobs - a.jobs || (a.key < b.key ? -1 : 1))
  const kept = differing.slice(0, limits.influenceSettingsMax)
  const goal = metric ? readGoal(definitions, metric.key) : null
  const [column = []] = metric
    ? await storage.call('compare.values', { keys: [metric.id], ids, of: columnOf(goal, value) })
    : []
  const results = column.map(toFinite)
  const influences: Influence[] = []
  for (let at = 0; metric && at < kept.length; at += settingsAtOnce) {
    const some = kept.slice(at, at + settingsAtOnce)
    const values = await storage.call('compare.values', { keys: some.map(({ id }) => id), ids, of: 'number' })
    const parameters = some.map(({ key }, place) => ({ name: key, values: (values[place] ?? []).map(toSetting) }))
    influences.push(...rankParameters(parameters, results))
  }
  return {
    total,
    jobs: ids.length,
    metric: metric?.key ?? null,
    goal,
    withMetric: results.filter((one) => one !== null).length,
    metrics: metrics.slice(0, limits.compareMetricsMax),
    settings: influences.sort((a, b) => (b.importance ?? -1) - (a.importance ?? -1) || (a.name < b.name ? -1 : 1)),
    same: settings.length - differing.length,
    leftOut: differing.length - kept.length + Math.max(0, metrics.length - limits.compareMetricsMax),
    at: now(),
  }
}

/** Counts of slices as those of all. Pure. */
export function mergeKeys(slices: readonly KeyCount[]): KeyCount[] {
  const merged = new Map<number, KeyCount>()
  for (const slice of slices) {
    const known = merged.get(slice.id)
    merged.set(slice.id, known ? mergeTwo(known, slice) : slice)
  }
  return [...merged.values()]
}

function mergeTwo(a: KeyCount, b: KeyCount): KeyCount {
  const pick = <Value extends number | string>(values: readonly (Value | null)[], wanted: 'low' | 'high') =>
    values
      .filter((value) => value !== null)
      .reduce<Value | null>(
        (best, one) => (best === null || (wanted === 'low' ? one < best : one > best) ? one : best),
        null,
      )
  return {
    ...a,
    jobs: a.jobs + b.jobs,
    numbers: a.numbers + b.numbers,
    low: pick([a.low, b.low], 'low'),
    high: pick([a.high, b.high], 'high'),
    first: pick([a.first, b.first], 'low'),
    last: pick([a.last, b.last], 'high'),
  }
}

function differs({ jobs, numbers, low, high, first, last }: KeyCount): boolean {
  return low !== high || first !== last || (numbers > 0 && numbers < jobs)
}

/** The most looked-for first, without those that a script hides. */
function listMetrics(keys: readonly KeyCount[], definitions: readonly MetricDefinition[]): string[] {
  return keys
    .filter(({ kind, key }) => kind === 'metric' && findDefinition(definitions, key)?.hidden !== true)
    .sort((a, b) => rankMetric(a.key) - rankMetric(b.key) || b.jobs - a.jobs || (a.key < b.key ? -1 : 1))
    .map(({ key }) => key)
}

function readGoal(definitions: readonly MetricDefinition[], key: string): InfluenceAnswer['goal'] {
  const direction = metricDirection(key)
  return findDefinition(definitions, key)?.goal ?? (direction && (direction === 'lower' ? 'minimize' : 'maximize'))
}

function columnOf(goal: InfluenceAnswer['goal'], value: 'best' | 'last'): ColumnsInput['of'] {
  if (value === 'last' || goal === null) return 'number'
  return goal === 'minimize' ? 'low' : 'high'
}

/** Infinities are stored as the largest numbers there are. */
function toFinite(value: number | string | null): number | null {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_VALUE ? value : null
}

/** A setting that is null is stored as the word. */
function toSetting(value: number | string | null): number | string | undefined {
  return value === null || value === 'null' ? undefined : value
}
