import {
  type Hardware,
  type JobPerformance,
  type MetricSeries,
  type TimedAttempt,
  jobSource,
  limits,
} from '@pilothouse/contract'
import {
  type OwnMetric,
  type PerformanceInput,
  isInputWaitKey,
  isRateKey,
  summarisePerformance,
} from '@pilothouse/signals'
import type { Kysely } from 'kysely'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { JobRow } from '../jobs/read-job.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { readLatest } from '../telemetry/get-latest.ts'
import { answerMetrics } from '../telemetry/query-metrics.ts'
import { readPrice } from '../rates/price-jobs.ts'
import { readRates } from '../rates/rate-setting.ts'
import { readResources } from './read-resources.ts'

/** Own metrics that are looked at: rates, and times of waiting for input. */
const ownKeysMax = 20

/** Where the time of a job and the hardware under it went. */
export const measurePerformance: Operation<{ uid: string }, JobPerformance> = async (context, { uid }) => {
  const job = await findJob(context.db, uid)
  return summarisePerformance(await collectPerformance(context, job))
}

/** What the summary is made of, read within the bounds of `limits`. */
export async function collectPerformance(context: StorageContext, job: JobRow): Promise<PerformanceInput> {
  const { db, now } = context
  const detail = await db.selectFrom('job_detail').select('hardware').where('job_id', '=', job.id).executeTakeFirst()
  return {
    job: job.uid,
    now: now(),
    createdAt: job.created_ms,
    ...(await readAttempts(db, job.id, now())),
    // By the card as it is now: the price on the job's row is of a second ago.
    price: await readPrice(db, (await readRates(db)).card, job),
    hardware: detail ? parseJson<Hardware[]>(detail.hardware) : [],
    ...(await readOwn(context, job)),
    resources: await readResources(context, job),
  }
}

async function readAttempts(
  db: Kysely<Tables>,
  jobId: number,
  now: number,
): Promise<Pick<PerformanceInput, 'attempts' | 'attemptsLeftOut' | 'leftOutMs'>> {
  const rows = await db
    .selectFrom('attempt')
    .select(['number', 'state', 'started_ms', 'ended_ms'])
    .where('job_id', '=', jobId)
    .where('started_ms', 'is not', null)
    .orderBy('number')
    .execute()
  const shown = rows.slice(-limits.timelineAttemptsMax)
  const stages = await readStages(db, jobId, shown[0]?.number ?? 0)
  const attempts = shown.map(({ number, state, started_ms, ended_ms }): TimedAttempt => ({
    number,
    state,
    startedAt: started_ms ?? 0,
    endedAt: ended_ms,
    stages: stages.filter(({ attempt }) => attempt === number).map(({ attempt: _, ...stage }) => stage),
  }))
  const leftOut = rows.slice(0, rows.length - shown.length)
  const leftOutMs = leftOut.reduce(
    (sum, { started_ms, ended_ms }) => sum + Math.max(0, (ended_ms ?? now) - (started_ms ?? now)),
    0,
  )
  return { attempts, attemptsLeftOut: leftOut.length, leftOutMs }
}

type Stage = TimedAttempt['stages'][number] & { attempt: number }

async function readStages(db: Kysely<Tables>, jobId: number, from: number): Promise<Stage[]> {
  const rows = await db
    .selectFrom('stage')
    .select(['attempt', 'name', 'state', 'started_ms', 'ended_ms'])
    .where('job_id', '=', jobId)
    .where('attempt', '>=', from)
    .where('started_ms', 'is not', null)
    .orderBy('attempt')
    .orderBy('position')
    .limit(limits.stagesMax * 2)
    .execute()
  return rows.map(({ attempt, name, state, started_ms, ended_ms }) => ({
    attempt,
    name,
    state,
    startedAt: started_ms ?? 0,
    endedAt: ended_ms,
  }))
}

/** The first and the last of its own points, and the metrics that say how fast it is. */
async function readOwn(context: StorageContext, job: JobRow): Promise<Pick<PerformanceInput, 'span' | 'own'>> {
  const latest = await readLatest(context, job, { source: jobSource })
  const longest = latest.reduce<(typeof latest)[number] | undefined>(
    (best, one) => (best && best.total >= one.total ? best : one),
    undefined,
  )
  if (!longest) return { span: null, own: [] }
  const telling = latest.map(({ key }) => key).filter((key) => isRateKey(key) || isInputWaitKey(key))
  const asked = { source: jobSource, key: [longest.key, ...telling.slice(0, ownKeysMax)], points: 1 }
  const steps = (await answerMetrics(context, job, { ...asked, x: 'step' })).series
  const times = (await answerMetrics(context, job, { ...asked, key: [longest.key], x: 'wall' })).series[0]
  const own = steps.filter(({ key }) => telling.includes(key)).flatMap(toOwn)
  return {
    span: toSpan(
      steps.find(({ key }) => key === longest.key),
      times,
    ),
    own,
  }
}

function toOwn({ key, mean, last }: MetricSeries): OwnMetric[] {
  const [average = Number.NaN, newest = Number.NaN] = [mean[0], last[0]]
  return Number.isFinite(average) && Number.isFinite(newest) ? [{ key, mean: average, last: newest }] : []
}

function toSpan(steps: MetricSeries | undefined, times: MetricSeries | undefined): PerformanceInput['span'] {
  const [firstStep, lastStep, firstAt, lastAt] = [steps?.x[0], steps?.xLast[0], times?.x[0], times?.xLast[0]]
  if (firstStep === undefined || lastStep === undefined || firstAt === undefined || lastAt === undefined) return null
  return { firstStep, lastStep, firstAt, lastAt }
}
