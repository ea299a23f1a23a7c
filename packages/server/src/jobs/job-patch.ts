/** A patch of a job's fields as columns. Pure. */
import { type Hardware, type JobPatch, PilothouseError, type Recipe, limits } from '@pilothouse/contract'
import type { Selectable, Updateable } from 'kysely'
import type { JobTable } from '../storage/tables.ts'
import { parseJson } from './read-job.ts'

export type JobColumns = Updateable<JobTable>
type SearchColumns = Pick<Selectable<JobTable>, 'uid' | 'name' | 'project' | 'model' | 'dataset' | 'tags'>

/**
 * The columns that `patch` sets. Hardware is kept by host: what one host says of itself leaves the others alone.
 * @throws PilothouseError `tooLarge` when the configuration or the summary is too long.
 */
export function patchColumns(patch: JobPatch, row: SearchColumns & { hardware: string }): JobColumns {
  const columns: JobColumns = {
    ...plainColumns(patch),
    ...(patch.tags === undefined ? {} : { tags: JSON.stringify([...new Set(patch.tags)]) }),
    ...(patch.config === undefined ? {} : { config: boundedJson(patch.config, 'config') }),
    ...(patch.summary === undefined ? {} : { summary: boundedJson(patch.summary, 'summary') }),
    ...(patch.recipe === undefined ? {} : recipeColumns(patch.recipe)),
    ...(patch.hardware === undefined ? {} : hardwareColumns(patch.hardware, parseJson<Hardware[]>(row.hardware))),
    ...(patch.stages === undefined ? {} : { declared_stages: JSON.stringify([...new Set(patch.stages)]) }),
  }
  return touchesSearch(columns) ? { ...columns, search: searchText({ ...row, ...columns } as SearchColumns) } : columns // every column of `row` is set
}

/** Lower-case text that a search looks through. */
export function searchText({ uid, name, project, model, dataset, tags }: SearchColumns): string {
  return [name, project, model, dataset, ...parseJson<string[]>(tags), uid]
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
    ...(patch.notes === undefined ? {} : { notes: patch.notes }),
    ...(patch.totalSteps === undefined ? {} : { total_steps: patch.totalSteps }),
    ...(patch.totalEpochs === undefined ? {} : { total_epochs: patch.totalEpochs }),
  }
}

function recipeColumns(recipe: Recipe): JobColumns {
  return { recipe: boundedJson(recipe, 'recipe'), commit_id: recipe.git?.commit ?? null }
}

function hardwareColumns(one: Hardware, known: readonly Hardware[]): JobColumns {
  const all = [...known.filter(({ host }) => host !== one.host), one]
  return { hardware: boundedJson(all, 'hardware'), gpus: all.reduce((sum, { gpus }) => sum + gpus.length, 0) }
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
  return ['name', 'project', 'model', 'dataset', 'tags'].some((name) => name in columns)
}
