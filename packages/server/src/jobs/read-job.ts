/** From rows to what leaves the server: cards and whole jobs. */
import {
  type Attempt,
  type Branch,
  type Hardware,
  type Headline,
  type Job,
  type JobCard,
  type MetricDefinition,
  type Progress,
  type Recipe,
  type Stage,
  isEnded,
} from '@pilothouse/contract'
import { readHeadline, readProgress, type HeadlineState, type ProgressState } from '@pilothouse/signals'
import type { Selectable } from 'kysely'
import { readAlerts } from '../alerts/alerts.ts'
import { readArtifacts } from '../artifacts/artifacts.ts'
import { countSamples } from '../samples/read-samples.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { AttemptTable, BranchTable, JobTable } from '../storage/tables.ts'
import { type SpentRow, spentColumns, toCardCost } from '../rates/spent-time.ts'
import { parseJson } from './parse-json.ts'
import type { StageEntry } from '../telemetry/stages.ts'
import { readWandbRuns } from '../wandb/wandb-runs.ts'
import { readStages } from '../telemetry/telemetry-rows.ts'

/** Columns that a card is made of. */
export const cardColumns = [
  'job.id',
  'job.uid',
  'job.kind',
  'job.name',
  'job.project',
  'job.owner_id',
  'job.state',
  'job.state_reason',
  'job.model',
  'job.model_type',
  'job.dataset',
  'job.target',
  'job.group_name',
  'job.job_type',
  'job.tags',
  'job.commit_id',
  'job.created_ms',
  'job.started_ms',
  'job.ended_ms',
  'job.heard_ms',
  'job.attempt',
  'job.branch',
  'job.stage',
  'job.progress',
  'job.total_steps',
  'job.total_epochs',
  'job.headline',
  'job.error_message',
  'job.diagnosis',
  'job.archived_ms',
  'job.hour_cost',
  'job.hour_currency',
  'job.version',
] as const

type CardColumn = (typeof cardColumns)[number] extends `job.${infer Column}` ? Column : never
export type CardRow = Pick<Selectable<JobTable>, CardColumn> & { owner_name: string | null } & SpentRow
export type JobRow = Selectable<JobTable>

/** A card as of `now`. */
export function toJobCard(row: CardRow, now: number): JobCard {
  return {
    uid: row.uid,
    kind: row.kind,
    name: row.name,
    project: row.project,
    owner: { id: row.owner_id, name: row.owner_name ?? 'unknown' },
    state: row.state,
    stateReason: row.state_reason,
    model: row.model,
    modelType: row.model_type,
    dataset: row.dataset,
    target: row.target,
    group: row.group_name,
    jobType: row.job_type,
    tags: parseJson<string[]>(row.tags),
    commit: row.commit_id,
    createdAt: row.created_ms,
    startedAt: row.started_ms,
    endedAt: row.ended_ms,
    heardAt: row.heard_ms,
    cost: toCardCost(row, now),
    attempt: row.attempt,
    branch: row.branch,
    stage: row.stage,
    progress: toProgress(row, now),
    headline: toHeadline(row),
    errorMessage: row.error_message,
    diagnosis: row.diagnosis === '' ? null : row.diagnosis,
    archivedAt: row.archived_ms,
    version: row.version,
  }
}

/** The cards of jobs by id; ids of jobs that are gone are left out. */
export async function readCards(
  { db, now }: Pick<StorageContext, 'db' | 'now'>,
  ids: readonly number[],
): Promise<JobCard[]> {
  if (ids.length === 0) return []
  const at = now()
  const rows = await db
    .selectFrom('job')
    .leftJoin('member', 'member.id', 'job.owner_id')
    .select([...cardColumns, 'member.name as owner_name', ...spentColumns(at)])
    .where('job.id', 'in', ids)
    .execute()
  return rows.map((row) => toJobCard(row, at))
}

/** A whole job; undefined when there is none. */
export async function readJob({ db, now }: Pick<StorageContext, 'db' | 'now'>, uid: string): Promise<Job | undefined> {
  const at = now()
  const row = await db
    .selectFrom('job')
    .leftJoin('member', 'member.id', 'job.owner_id')
    .selectAll('job')
    .select(['member.name as owner_name', ...spentColumns(at)])
    .where('job.uid', '=', uid)
    .executeTakeFirst()
  if (!row) return undefined
  const attempts = await db.selectFrom('attempt').selectAll().where('job_id', '=', row.id).orderBy('number').execute()
  const detail = await db.selectFrom('job_detail').selectAll().where('job_id', '=', row.id).executeTakeFirstOrThrow()
  const branches = await db.selectFrom('branch').selectAll().where('job_id', '=', row.id).orderBy('number').execute()
  const stages = await readStages(db, { jobId: row.id, attempt: row.attempt })
  return {
    ...toJobCard(row, at),
    notes: detail.notes,
    config: parseJson<Job['config']>(detail.config),
    recipe: parseJson<Recipe | null>(detail.recipe),
    hardware: parseJson<Hardware[]>(detail.hardware),
    summary: parseJson<Job['summary']>(detail.summary),
    metrics: parseJson<MetricDefinition[] | null>(detail.metrics) ?? [],
    artifacts: await readArtifacts(db, row.id),
    alerts: await readAlerts(db, row.id),
    wandb: await readWandbRuns(db, row.id),
    samples: await countSamples(db, row.id),
    stages: stages.map(toStage),
    attempts: attempts.map(toAttempt),
    branches: branches.map(toBranch),
    error: parseJson<Job['error']>(detail.error),
    clockOffsetMs: row.clock_offset_ms,
    dataRemovedAt: row.data_removed_ms,
  }
}

function toStage({ name, state, startedMs, endedMs, done, total }: StageEntry, position: number): Stage {
  return { name, position, state, startedAt: startedMs, endedAt: endedMs, done, total }
}

function toAttempt(row: Selectable<AttemptTable>): Attempt {
  return {
    number: row.number,
    state: row.state,
    host: row.host,
    pid: row.pid,
    claim: row.claim,
    startedAt: row.started_ms,
    endedAt: row.ended_ms,
    exitCode: row.exit_code,
    signal: row.signal,
    reason: row.reason,
    logLines: row.log_lines,
  }
}

function toBranch(row: Selectable<BranchTable>): Branch {
  const { number, parent, fork_step: forkStep, fork_epoch: forkEpoch, created_ms: createdAt } = row
  return { number, parent, forkStep, forkEpoch, createdAt }
}

type ProgressRow = Pick<CardRow, 'progress' | 'total_steps' | 'total_epochs' | 'state'>

/** The totals are the job's: they may be set and edited apart from any report. Once it has ended nothing is left to go. */
function toProgress({ progress, total_steps, total_epochs, state }: ProgressRow, now: number): Progress | null {
  const known = parseJson<ProgressState>(progress)
  if (!known) return null
  const read = readProgress({ ...known, totalSteps: total_steps, totalEpochs: total_epochs }, now)
  if (!isEnded(state)) return read
  return { ...read, etaMs: null, fraction: state === 'completed' ? finishFraction(read) : read.fraction }
}

/** Who counts from 0 ends one short of the total, and has done it all nevertheless. */
function finishFraction({ fraction, step, totalSteps }: Progress): number | null {
  return step !== null && totalSteps !== null && step >= totalSteps - 1 ? 1 : fraction
}

function toHeadline(row: Pick<CardRow, 'headline'>): Headline | null {
  return readHeadline(parseJson<HeadlineState>(row.headline))
}
