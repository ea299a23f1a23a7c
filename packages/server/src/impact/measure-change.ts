import {
  type Impact,
  type MetricDefinition,
  PilothouseError,
  type impactQuery,
  metricQuery,
} from '@pilothouse/contract'
import { chooseGoal, measureImpact } from '@pilothouse/signals'
import type { z } from 'zod'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { Operation } from '../storage/operation.ts'
import { answerMetrics } from '../telemetry/query-metrics.ts'

type Input = { uid: string; id: number; query: z.output<typeof impactQuery> }

/** Buckets of the curve that are looked at; with fewer points each is its own. */
const pointsMax = 4_000
/** So much more than the window is read, for a forecast that begins before it. */
const margin = 1.5

/**
 * What a change of a parameter did to a metric, worked out when it is asked for: on the branch on which it was made.
 * @throws PilothouseError `notFound` when there is no such change, or no points of the metric.
 */
export const measureChange: Operation<Input, Impact> = async (context, { uid, id, query }) => {
  const { db } = context
  const job = await findJob(db, uid)
  const changes = await db
    .selectFrom('parameter_change')
    .select(['id', 'step', 'branch', 'old'])
    .where('job_id', '=', job.id)
    .where('step', 'is not', null)
    .execute()
  const change = changes.find((one) => one.id === id)
  if (!change || change.step === null) {
    throw new PilothouseError('notFound', `This job has no change ${id} with a step.`, { field: 'id' })
  }
  const { step } = change
  const asked = metricQuery.parse({
    key: query.metric,
    branch: change.branch,
    points: pointsMax,
    ...(query.before === undefined ? {} : { from: step - query.before * margin }),
    ...(query.after === undefined ? {} : { to: step + query.after * margin }),
  })
  const [series] = (await answerMetrics(context, job, asked)).series
  if (!series) {
    throw new PilothouseError('notFound', `There are no points of «${query.metric}» around this change.`, {
      field: 'metric',
    })
  }
  const detail = await db.selectFrom('job_detail').select('metrics').where('job_id', '=', job.id).executeTakeFirst()
  const definitions = parseJson<MetricDefinition[] | null>(detail?.metrics ?? null) ?? []
  // Changes of several parameters at one step are one.
  const others = changes.filter((one) => one.branch === change.branch && one.step !== step && one.old !== null)
  return measureImpact({
    key: query.metric,
    steps: series.x,
    values: series.mean,
    changeStep: step,
    goal: chooseGoal(definitions, query.metric),
    otherChanges: others.flatMap((one) => (one.step === null ? [] : [one.step])),
    windows: { before: query.before, after: query.after },
  })
}
