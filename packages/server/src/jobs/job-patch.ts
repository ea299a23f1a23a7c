/** A patch of a job's fields as columns. Pure. */
import {
  type Hardware,
  type JobPatch,
  type MetricDefinition,
  PilothouseError,
  type Recipe,
  limits,
} from '@pilothouse/contract'
import type { Selectable, Updateable } from 'kysely'
import type { JobDetailTable, JobTable } from '../storage/tables.ts'
import { parseJson } from './parse-json.ts'

export type JobColumns = Updateable<JobTable>
export type DetailColumns = Updateable<JobDetailTable>
/** Columns to be set, by table. */
export type JobChange = { job: JobColumns; detail: DetailColumns }
export type SearchColumns = Pick<
  Selectable<JobTable>,
  'uid' | 'name' | 'project' | 'model' | 'dataset' | 'group_name' | 'job_type' | 'tags'
>

/** What a patch is merged with rather than put over. */
export type KnownDetail = Pick<Selectable<JobDetailTable>, 'hardware' | 'recipe' | 'metrics'>

/**
 * The columns that `patch` sets. Hardware is kept by host: what one host says of itself leaves the others alone. Of a
 * recipe a launcher knows one part and the script another: what one says leaves the other's parts alone.
 * @throws PilothouseError `tooLarge` when the configuration or the summary is too long.
 */
export function patchColumns(patch: JobPatch, row: SearchColumns, known: KnownDetail): JobChange {
  const recipe = patch.recipe && { ...parseJson<Recipe>(known.recipe), ...patch.recipe }
  const job: JobColumns = {
    ...plainColumns(patch),
    ...(patch.tags === undefined ? {} : { tags: JSON.stringify([...new Set(patch.tags)]) }),
    ...(recipe === undefined ? {} : { commit_id: recipe.git?.commit ?? null }),
    ...(patch.stages === undefined ? {} : { declared_stages: JSON.stringify([...new Set(patch.stages)]) }),
  }
  const detail: DetailColumns = {
    ...(patch.config === undefined ? {} : { config: boundedJson(patch.config, 'config') }),
    ...(patch.summary === undefined ? {} : { summary: boundedJson(patch.summary, 'summary') }),
    ...(recipe === undefined ? {} : { recipe: boundedJson(recipe, 'recipe') }),
    ...(patch.notes === undefined ? {} : { notes: patch.notes }),
  }
  if (patch.metrics !== undefined) detail.metrics = boundedJson(mergeMetrics(patch.metrics, known.metrics), 'metrics')
  if (patch.hardware !== undefined) {
    const all = mergeHardware(patch.hardware, parseJson<Hardware[]>(known.hardware))
    detail.hardware = boundedJson(all, 'hardware')
    job.gpus = all.reduce((sum, { gpus }) => sum + gpus.length, 0)
  }
  if (touchesSearch(job)) job.search = searchText({ ...row, ...job } as SearchColumns) // every column of `row` is set
  return { job, detail }
}

/** Lower-case text that a search looks through. */
export function searchText({ tags, ...row }: SearchColumns): string {
  const { uid, name, project, model, dataset, group_name, job_type } = row
  return [name, project, model, dataset, group_name, job_type, ...parseJson<string[]>(tags), uid]
    .filter((part) => part !== null)
    .join('\n')
    .toLowerCase()
}

function plainColumns(patch: JobPatch): JobColumns {
  return {
    ...(patch.name === undefined ? {} : { name: patch.name }),
    ...(patch.project === undefined ? {} : { project: patch.project }),
    ...(patch.model === undefined ? {} : { model: patch.model }),
    ...(patch.modelType === undefined ? {} : { model_type: patch.modelType }),
    ...(patch.dataset === undefined ? {} : { dataset: patch.dataset }),
    ...(patch.target === undefined ? {} : { target: patch.target }),
    ...(patch.group === undefined ? {} : { group_name: patch.group }),
    ...(patch.jobType === undefined ? {} : { job_type: patch.jobType }),
    ...(patch.totalSteps === undefined ? {} : { total_steps: patch.totalSteps }),
    ...(patch.totalEpochs === undefined ? {} : { total_epochs: patch.totalEpochs }),
  }
}

function mergeHardware(one: Hardware, known: readonly Hardware[]): Hardware[] {
  return [...known.filter(({ host }) => host !== one.host), one]
}

/** In the order in which the keys were first defined. */
function mergeMetrics(patch: readonly MetricDefinition[], known: string | null): MetricDefinition[] {
  const all = new Map((parseJson<MetricDefinition[]>(known) ?? []).map((one) => [one.key, one]))
  for (const one of patch) all.set(one.key, one)
  return [...all.values()].slice(-limits.metricDefinitionsMax)
}

function boundedJson(value: unknown, field: string): string {
  const text = JSON.stringify(value)
  const bytes = Buffer.byteLength(text)
  if (bytes <= limits.configBytesMax) return text
  throw new PilothouseError(
    'tooLarge',
    `${field} has ${bytes} bytes as JSON; at most ${limits.configBytesMax} are taken.`,
    { field },
  )
}

function touchesSearch(columns: JobColumns): boolean {
  return ['name', 'project', 'model', 'dataset', 'group_name', 'job_type', 'tags'].some((name) => name in columns)
}
