import { type CheckpointAdvice, type MetricDefinition, type Schedule, isLive, metricQuery } from '@pilothouse/contract'
import {
  type ProgressState,
  chooseGoal,
  describeSchedule,
  isGradientNorm,
  isHeldOut,
  rankMetric,
  readProgress,
  recommendCheckpoint,
} from '@pilothouse/signals'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { JobRow } from '../jobs/read-job.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { answerMetrics } from '../telemetry/query-metrics.ts'

/** Buckets of each curve that is looked at, and curves of either sort. */
const pointsMax = 400
const curvesMax = 4
/** The loss that is trained, as `rankMetric` orders keys. */
const trainedRankMax = 2

/** Whether it is worth while to write a checkpoint now; nothing for a job that does not run. */
export const adviseCheckpoint: Operation<{ uid: string }, CheckpointAdvice> = async (context, { uid }) => {
  const { db, now } = context
  const job = await findJob(db, uid)
  const progress = parseJson<ProgressState | null>(job.progress)
  if (!isLive(job.state) || !progress) return { recommendations: [] }
  const { step, stepsPerSecond } = readProgress(progress, now())
  const last = await db
    .selectFrom('checkpoint')
    .select(['id', 'step', 'time_ms', 'pinned', 'took_ms'])
    .where('job_id', '=', job.id)
    .where('state', '=', 'present')
    .orderBy('id', 'desc')
    .executeTakeFirst()
  const { qualities, stability } = await readCurves(context, job)
  const recommendations = recommendCheckpoint({
    step: step ?? 0,
    nowMs: now(),
    startedMs: job.started_ms ?? job.created_ms,
    last: last ? { step: last.step, timeMs: last.time_ms, pinned: last.pinned === 1 } : null,
    saveMs: last?.took_ms ?? null,
    stepsPerSecond,
    qualities,
    stability,
    changes: await readComing(context, job),
    limitMs: null,
    failureMs: null,
  })
  return {
    recommendations: recommendations.map((one) => ({
      ...one,
      checkpoint: one.action === 'pin' ? (last?.id ?? null) : null,
    })),
  }
}

async function readCurves(context: StorageContext, job: JobRow) {
  const detail = await context.db
    .selectFrom('job_detail')
    .select('metrics')
    .where('job_id', '=', job.id)
    .executeTakeFirst()
  const definitions = parseJson<MetricDefinition[] | null>(detail?.metrics ?? null) ?? []
  const group = { group: job.id, source: 'job', branch: job.branch }
  const keys = (await context.series.latest([group])).map(({ key }) => key)
  const isJudged = (key: string) => isHeldOut(key) && chooseGoal(definitions, key) !== null
  const isWatched = (key: string) => isGradientNorm(key) || rankMetric(key) <= trainedRankMax
  const chosen = [...keys.filter(isJudged).slice(0, curvesMax), ...keys.filter(isWatched).slice(0, curvesMax)]
  if (chosen.length === 0) return { qualities: [], stability: [] }
  const query = metricQuery.parse({ key: chosen, points: pointsMax })
  const curves = (await answerMetrics(context, job, query)).series.map(({ key, x, last }) => ({
    key,
    steps: Array.from(x),
    values: Array.from(last),
  }))
  return {
    qualities: curves
      .filter(({ key }) => isJudged(key))
      .map((curve) => ({ ...curve, goal: chooseGoal(definitions, curve.key) })),
    stability: curves.filter(({ key }) => isWatched(key)),
  }
}

/** Changes that begin at a step that is known. */
async function readComing({ db }: StorageContext, { id }: JobRow): Promise<{ step: number; words: string }[]> {
  const rows = await db
    .selectFrom('schedule')
    .select('schedule')
    .where('job_id', '=', id)
    .where('phase', '=', 'waiting')
    .execute()
  return rows.flatMap((row) => {
    const schedule = parseJson<Schedule>(row.schedule)
    return schedule.start.at === 'step' ? [{ step: schedule.start.value, words: describeSchedule(schedule) }] : []
  })
}
