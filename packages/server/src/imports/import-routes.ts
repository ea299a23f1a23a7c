import {
  type ImportAnswer,
  type ImportProblem,
  type ImportedJob,
  PilothouseError,
  formatImportPlace,
  importOutcomes,
  limits,
  listImportEntries,
} from '@pilothouse/contract'
import type { Handlers } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { ImportInput } from './import-job.ts'
import { type OldJob, readOldJob } from './read-job.ts'

/** Jobs that are on their way to the storage at once. */
const underWayMax = 16

export const importHandlers: Handlers<'jobs.import'> = {
  'jobs.import': async ({ query, body, caller, resources }) => {
    const { file, dryRun } = query
    const found = listEntries(body)
    const read = found.map(({ place, key, value }) => ({
      place,
      result: readSafely(value, { place, key, file, now: resources.now() }),
    }))
    const seen = new Set<string>()
    const answer: Answer = { jobs: [], problems: [] }
    for (let at = 0; at < read.length; at += underWayMax) {
      const parts = read.slice(at, at + underWayMax).map(async ({ place, result }) => {
        if (!('job' in result)) return refuse(place, result.problems)
        const { job } = result
        if (seen.has(job.uid)) return refuseTwin(place, job)
        seen.add(job.uid)
        return storeJob(resources.storage, place, { job, file, dryRun, actor: actorOf(caller) })
      })
      for (const part of await Promise.all(parts)) {
        answer.jobs.push(part.job)
        answer.problems.push(...part.problems)
      }
    }
    return { file, dryRun, counts: count(answer.jobs), ...answer }
  },
}

type Answer = { jobs: ImportedJob[]; problems: ImportProblem[] }
type Part = { job: ImportedJob; problems: ImportProblem[] }

/** @throws PilothouseError `invalid` when there are no jobs in it, `tooLarge` when there are too many. */
function listEntries(body: unknown) {
  const lists = listImportEntries(body)
  const entries = lists.flatMap(({ path, entries: ofList }) =>
    ofList.map(({ key, value }) => ({ place: formatImportPlace(path, key), key, value })),
  )
  if (lists.length === 0)
    throw new PilothouseError('invalid', 'There are no jobs in this file.', {
      expected: 'a list of jobs, or an object with one under «jobs»',
      hint: 'docs/import.md has the shape, with an example.',
    })
  if (entries.length <= limits.importJobsMax) return entries
  throw new PilothouseError(
    'tooLarge',
    `One request takes at most ${limits.importJobsMax} jobs, this one has ${entries.length}.`,
    { hint: 'Send them in parts, as `pilothouse import` does.' },
  )
}

/** One entry can be so odd that reading it fails (nested deeper than the stack): that is its problem alone. */
function readSafely(...given: Parameters<typeof readOldJob>): ReturnType<typeof readOldJob> {
  try {
    return readOldJob(...given)
  } catch (error) {
    const [, { place }] = given
    const message = `It cannot be read: ${error instanceof Error ? error.message : String(error)}.`
    return { problems: [{ place, message, expected: 'the fields of a job, see docs/import.md' }] }
  }
}

async function storeJob(storage: StorageClient, place: string, input: ImportInput): Promise<Part> {
  const { uid, first, lacks, problems } = input.job
  const name = first.name ?? null
  try {
    const { outcome, state } = await storage.call('jobs.import', input)
    return { job: { place, uid, name, state, outcome, lacks }, problems }
  } catch (error) {
    if (!(error instanceof PilothouseError) || error.status >= 500) throw error
    const { field, message, expected = 'what docs/import.md says' } = error
    const problem = { place, message, expected, ...(field === undefined ? {} : { field }) }
    return { job: { place, uid, name, state: null, outcome: 'refused', lacks: [] }, problems: [...problems, problem] }
  }
}

function refuse(place: string, problems: ImportProblem[]): Part {
  return { job: { place, uid: null, name: null, state: null, outcome: 'refused', lacks: [] }, problems }
}

function refuseTwin(place: string, { uid }: OldJob): Part {
  const message = `The job «${uid}» stands in this file twice; the first one counts.`
  return refuse(place, [{ place, field: 'uid', message, expected: 'each job once' }])
}

function count(jobs: readonly ImportedJob[]): ImportAnswer['counts'] {
  const counted = importOutcomes.map(
    (outcome) => [outcome, jobs.filter((job) => job.outcome === outcome).length] as const,
  )
  return Object.fromEntries(counted) as ImportAnswer['counts'] // one entry for each outcome
}
