/** What the short paths under `/api/training` answer with. */
import {
  type Job,
  type JobCard,
  type JobStatistics,
  PilothouseError,
  isLive,
  jobSource,
  liveStates,
} from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { getStatistics } from '../jobs/get-statistics.ts'
import { findJob } from '../jobs/find-job.ts'
import { type JobRow, readCards } from '../jobs/read-job.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { type LatestWire, readLatest } from './get-latest.ts'
import { answerMetrics, encodeAnswer } from './query-metrics.ts'

type OfJob = { job?: string | undefined; points: number; format: 'json' | 'frame' }

/** Running jobs in a summary; the newest ones. */
const runningMax = 100
const lossWord = /loss|perplexity|\bppl\b|\bnll\b/i

/** Training and validation loss of a job, else of the newest running one. */
export const queryLosses: Operation<OfJob, Uint8Array> = async (context, { job: uid, points, format }) => {
  const job = await chooseJob(context.db, uid)
  const known = await readLatest(context, job, { source: jobSource })
  const key = known.map((one) => one.key).filter((name) => lossWord.test(name))
  return encodeAnswer(await answerMetrics(context, job, { source: jobSource, key, x: 'step', points }), format)
}

/** Host and GPU series of a job, else of the newest running one. */
export const queryResources: Operation<OfJob, Uint8Array> = async (context, { job: uid, points, format }) => {
  const job = await chooseJob(context.db, uid)
  const known = await readLatest(context, job, { source: '*' })
  const key = [...new Set(known.filter(({ source }) => source !== jobSource).map((one) => one.key))]
  const answer = await answerMetrics(context, job, { source: '*', key, x: 'wall', points })
  return encodeAnswer({ ...answer, series: answer.series.filter(({ source }) => source !== jobSource) }, format)
}

export type TrainingStatusWire = Pick<Job, 'uid' | 'state' | 'stage' | 'progress' | 'heardAt'> & {
  metrics: LatestWire[]
}

/** State, stage, progress and current values. */
export const getTrainingStatus: Operation<{ uid: string }, TrainingStatusWire> = async (context, { uid }) => {
  const job = await findJob(context.db, uid)
  const [card] = await readCards(context, [job.id])
  const metrics = await readLatest(context, job, { source: jobSource })
  return { uid, state: job.state, stage: job.stage, progress: card?.progress ?? null, heardAt: job.heard_ms, metrics }
}

/** Statistics and what is running. */
export const getTrainingSummary: Operation<null, { statistics: JobStatistics; running: JobCard[] }> = async (
  context,
) => {
  const rows = await context.db
    .selectFrom('job')
    .select('id')
    .where('state', 'in', liveStates)
    .orderBy('created_ms', 'desc')
    .limit(runningMax)
    .execute()
  const cards = await readCards(
    context,
    rows.map(({ id }) => id),
  )
  return {
    statistics: await getStatistics(context, null),
    running: cards.filter(({ state }) => isLive(state)).toSorted((one, other) => other.createdAt - one.createdAt),
  }
}

async function chooseJob(db: Kysely<Tables>, uid: string | undefined): Promise<JobRow> {
  if (uid !== undefined) return findJob(db, uid)
  const newest = await db
    .selectFrom('job')
    .selectAll()
    .where('state', 'in', liveStates)
    .orderBy('created_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (newest) return newest
  throw new PilothouseError('notFound', 'No job is running.', { field: 'job', hint: 'Name one with ?job=UID.' })
}
