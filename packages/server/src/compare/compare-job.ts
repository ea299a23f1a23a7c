import {
  type ComparedJob,
  type ComparedMetric,
  type ComparedResource,
  type FlatConfig,
  type Job,
  type Recipe,
  findDefinition,
  jobSource,
  limits,
} from '@pilothouse/contract'
import { flattenConfig, metricDirection, rankMetric } from '@pilothouse/signals'
import type { SeriesBuckets } from '@pilothouse/series'
import { type JobRow, readJob } from '../jobs/read-job.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { findChain } from '../telemetry/branch-chain.ts'
import { type LatestWire, readLatest } from '../telemetry/get-latest.ts'
import { selectChain } from '../telemetry/query-metrics.ts'
import { finiteOrNull } from '../telemetry/wire-numbers.ts'

const bounds = { namesMax: limits.compareNamesMax, textMax: limits.compareTextMax }

/** What a comparison needs of one job; null when there is none of that uid. */
export const compareJob: Operation<{ uid: string }, ComparedJob | null> = async (context, { uid }) => {
  const row = await context.db.selectFrom('job').selectAll().where('uid', '=', uid).executeTakeFirst()
  const job = row && (await readJob(context, uid))
  if (!row || !job) return null
  const config = flattenConfig(job.config, bounds)
  const summary = flattenConfig(job.summary, bounds)
  const recipe = boundRecipe(job.recipe)
  const metrics = listMetrics(job, await readLatest(context, row, { source: jobSource }))
  return {
    ...pickCard(job),
    config: config.values,
    summary: summary.values,
    recipe: recipe.recipe,
    hardware: job.hardware,
    stages: job.stages,
    metrics: metrics.kept,
    resources: await readResources(context, row),
    activeMs: sumActive(job, context.now()),
    gpus: row.gpus,
    leftOut: config.leftOut + summary.leftOut + recipe.leftOut + metrics.leftOut,
  }
}

function pickCard(job: Job) {
  const { uid, name, project, kind, owner, state, model, modelType, dataset, target, group, jobType } = job
  const { tags, createdAt, startedAt, endedAt, cost, errorMessage, version } = job
  const card = { uid, name, project, kind, owner, state, model, modelType, dataset, target, group, jobType }
  return { ...card, tags, createdAt, startedAt, endedAt, cost, errorMessage, version }
}

/** The most looked-for metrics, without those that the script hides. */
function listMetrics(job: Job, latest: readonly LatestWire[]): { kept: ComparedMetric[]; leftOut: number } {
  const ranked = latest
    .filter(({ key }) => findDefinition(job.metrics, key)?.hidden !== true)
    .map((one) => ({ one, rank: rankMetric(one.key) }))
    .sort((a, b) => a.rank - b.rank || (a.one.key < b.one.key ? -1 : 1))
  const kept = ranked.slice(0, limits.compareMetricsMax)
  return { kept: kept.map(({ one }) => toMetric(job, one)), leftOut: ranked.length - kept.length }
}

function toMetric(job: Job, one: LatestWire): ComparedMetric {
  return {
    key: one.key,
    goal: findDefinition(job.metrics, one.key)?.goal ?? readGoal(one.key),
    total: one.total,
    last: toNumber(one.value),
    lastStep: one.step,
    min: toNumber(one.min),
    minStep: one.minStep,
    max: toNumber(one.max),
    maxStep: one.maxStep,
  }
}

function readGoal(key: string): ComparedMetric['goal'] {
  const direction = metricDirection(key)
  return direction === null ? null : direction === 'lower' ? 'minimize' : 'maximize'
}

function toNumber(value: LatestWire['value']): number | null {
  return typeof value === 'number' ? value : null
}

/** Mean and peak of everything that hosts and GPUs measured; one bucket a series holds them. */
async function readResources({ db, series }: StorageContext, job: JobRow): Promise<ComparedResource[]> {
  const chain = await findChain(db, job)
  const selectors = ['gpu:*', 'host:*'].flatMap((source) => selectChain(job.id, chain, { source }))
  const byKey = Map.groupBy(await series.query({ selectors, x: 'time', points: 1 }), ({ key }) => key)
  return [...byKey].map(([key, found]) => foldResource(key, found)).sort((a, b) => (a.key < b.key ? -1 : 1))
}

function foldResource(key: string, found: readonly SeriesBuckets[]): ComparedResource {
  let sum = 0
  let count = 0
  let peak = Number.NEGATIVE_INFINITY
  for (const { mean, max, n, nonFinite } of found)
    for (const [at, value] of mean.entries()) {
      const finite = (n[at] ?? 0) - (nonFinite[at] ?? 0)
      if (finite <= 0) continue
      sum += value * finite
      count += finite
      peak = Math.max(peak, max[at] ?? Number.NaN)
    }
  return { key, sources: found.length, mean: count > 0 ? finiteOrNull(sum / count) : null, peak: finiteOrNull(peak) }
}

/** An attempt without an end counts up to now. */
function sumActive({ attempts }: Job, now: number): number | null {
  const begun = attempts.flatMap(({ startedAt, endedAt }) =>
    startedAt === null ? [] : [Math.max(0, (endedAt ?? now) - startedAt)],
  )
  return begun.length === 0 ? null : begun.reduce((sum, ms) => sum + ms, 0)
}

function boundRecipe(recipe: Recipe | null): { recipe: Recipe | null; leftOut: number } {
  if (recipe === null) return { recipe, leftOut: 0 }
  const packages = boundTexts(recipe.packages)
  const environment = boundTexts(recipe.environment)
  const command = recipe.command?.slice(0, limits.compareNamesMax)
  return {
    recipe: {
      ...recipe,
      ...(command ? { command } : {}),
      ...(recipe.packages ? { packages: packages.values } : {}),
      ...(recipe.environment ? { environment: environment.values } : {}),
    },
    leftOut: packages.leftOut + environment.leftOut,
  }
}

function boundTexts(texts: Record<string, string> = {}): { values: Record<string, string>; leftOut: number } {
  const { values, leftOut } = flattenConfig(texts, bounds)
  return { values: mapTexts(values), leftOut }
}

function mapTexts(values: FlatConfig): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}
