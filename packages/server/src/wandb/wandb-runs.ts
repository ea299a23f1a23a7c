/** Runs at W&B as the storage knows them: which are due, what was read of them, what stands in their way. */
import {
  type JobPatch,
  type PointBlock,
  type WandbRun,
  type WandbStatus,
  isEnded,
  jobSource,
  toWandbPage,
} from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import { parseJson } from '../jobs/parse-json.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import type { WandbRunTable } from '../storage/wandb-tables.ts'
import type { Curves } from '../telemetry/curves.ts'
import { ReportGroup } from '../telemetry/report-group.ts'

/** Runs that are handed out at once. */
const dueMax = 200

/** A run that is to be asked for, with what is known of its job. */
export type DueRun = Pick<
  Selectable<WandbRunTable>,
  | 'id'
  | 'base_url'
  | 'entity'
  | 'project'
  | 'run'
  | 'prefix'
  | 'state'
  | 'status'
  | 'next_step'
  | 'window_steps'
  | 'key_count'
  | 'tries'
> & {
  ownerId: number
  /** The key of the owner of the job for this server; null without one. */
  sealed: string | null
  isJobEnded: boolean
}

/** What one answer of W&B brought. */
export type TakenRun = {
  id: number
  /** What was asked for: an answer that comes after another one is dropped. */
  from: number
  nextStep: number
  windowSteps: number
  keyCount: number
  name: string | null
  state: string
  heartbeatMs: number | null
  status: WandbStatus
  nextMs: number | null
  blocks: readonly PointBlock[]
  /** What the run says of itself at its end, by name; null before. */
  summary: Record<string, number | string | boolean> | null
}

export type SettledRun = {
  id: number
  status: WandbStatus
  message: string
  tries: number
  nextMs: number | null
}

/** What is due, those first that have waited longest; and when the next one is. Runs of jobs that are gone are not. */
const listDueRuns: Operation<null, { due: DueRun[]; nextMs: number | null }> = async ({ db, now }) => {
  const rows = await db
    .selectFrom('wandb_run as run')
    .innerJoin('job', 'job.id', 'run.job_id')
    .leftJoin('wandb_key as key', (join) =>
      join.onRef('key.owner_id', '=', 'job.owner_id').onRef('key.base_url', '=', 'run.base_url'),
    )
    .selectAll('run')
    .select(['job.owner_id', 'job.state as job_state', 'key.sealed'])
    .where('run.next_ms', '<=', now())
    .where('job.data_removed_ms', 'is', null)
    .orderBy('run.next_ms')
    .limit(dueMax)
    .execute()
  const next = await db
    .selectFrom('wandb_run')
    .select(({ fn }) => fn.min('next_ms').as('at'))
    .where('next_ms', '>', now())
    .executeTakeFirst()
  const due = rows.map(({ owner_id, job_state, ...row }) => ({
    ...row,
    ownerId: owner_id,
    isJobEnded: isEnded(job_state),
  }))
  return { due, nextMs: next?.at ?? null }
}

/** Stores what an answer brought, and how far it goes, in one. Nothing happens when the job is gone or its data removed. */
const takeRun: Operation<TakenRun, null> = async (context, taken) => {
  const { db, now } = context
  const run = await findRun(db, taken.id)
  if (!run || run.next_step !== taken.from) return null
  const { blocks, ownKeys } = await omitOwn(context, run, taken.blocks)
  const patch = taken.summary && (await mergeSummary(db, run, taken.summary))
  if (blocks.length > 0 || patch) {
    await context.alerts.prepare(db)
    const group = new ReportGroup(context)
    const points = { attempt: run.attempt, points: blocks, patch: patch ?? undefined, isShown: showsNothingElse }
    await group.addFromElsewhere(run.uid, points)
    await group.write()
  }
  await updateRun(context, run, {
    name: taken.name,
    state: taken.state,
    status: taken.status,
    message: null,
    next_step: taken.nextStep,
    window_steps: taken.windowSteps,
    key_count: taken.keyCount,
    own_keys: Math.max(run.own_keys, ownKeys),
    heartbeat_ms: taken.heartbeatMs,
    synced_ms: now(),
    tries: 0,
    next_ms: taken.nextMs,
  })
  return null
}

/** Notes what stands in the way of runs. */
const settleRuns: Operation<readonly SettledRun[], null> = async (context, settled) => {
  for (const { id, status, message, tries, nextMs } of settled) {
    const run = await findRun(context.db, id)
    if (run) await updateRun(context, run, { status, message, tries, next_ms: nextMs })
  }
  return null
}

/** After a start something may be otherwise: what waits for a key, or was refused, is asked for at once. */
const rearmRuns: Operation<null, null> = async ({ db, now }) => {
  await db.updateTable('wandb_run').set({ next_ms: now() }).where('next_ms', 'is not', null).execute()
  return null
}

export const wandbRunOperations = {
  'wandb.due': listDueRuns,
  'wandb.take': takeRun,
  'wandb.settle': settleRuns,
  'wandb.rearm': rearmRuns,
}

/** As the page of a job shows them, in the order in which its log named them. */
export async function readWandbRuns(db: Kysely<Tables>, jobId: number): Promise<WandbRun[]> {
  const rows = await db.selectFrom('wandb_run').selectAll().where('job_id', '=', jobId).orderBy('id').execute()
  return rows.map((row) => ({
    url: `${toWandbPage(row.base_url)}/${[row.entity, row.project, 'runs', row.run].map(encodeURIComponent).join('/')}`,
    baseUrl: row.base_url,
    path: [row.entity, row.project, row.run].join('/'),
    name: row.name,
    state: row.state,
    status: row.status,
    message: row.message,
    prefix: row.prefix,
    ownKeys: row.own_keys,
    nextStep: row.next_step,
    syncedAt: row.synced_ms,
    heartbeatAt: row.heartbeat_ms,
  }))
}

type FoundRun = NonNullable<Awaited<ReturnType<typeof findRun>>>

async function findRun(db: Kysely<Tables>, id: number) {
  return db
    .selectFrom('wandb_run')
    .innerJoin('job', 'job.id', 'wandb_run.job_id')
    .selectAll('wandb_run')
    .select(['job.uid', 'job.branch'])
    .where('wandb_run.id', '=', id)
    .where('job.data_removed_ms', 'is', null)
    .executeTakeFirst()
}

/** The version of the job grows, so that pages take what is told of it. */
async function updateRun(
  { db, changes }: StorageContext,
  run: FoundRun,
  change: Partial<Selectable<WandbRunTable>>,
): Promise<void> {
  await db.updateTable('wandb_run').set(change).where('id', '=', run.id).execute()
  await db
    .updateTable('job')
    .set(({ eb }) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', run.job_id)
    .execute()
  changes.beats.set(run.job_id, run.uid)
}

/** What the job reports itself under the same name is not stored twice. */
async function omitOwn(
  { series }: StorageContext,
  { job_id: group, branch, prefix }: FoundRun,
  blocks: readonly PointBlock[],
): Promise<{ blocks: PointBlock[]; ownKeys: number }> {
  const plain = (key: string): string => key.slice(prefix.length)
  const names = [...new Set(blocks.flatMap(({ keys }) => keys.map(plain)))]
  const { missing } = await series.survey({ group, branch, source: jobSource, keys: names })
  const wanted = new Set(missing)
  const kept = blocks.map((block): PointBlock => {
    const isWanted = (_: unknown, at: number): boolean => wanted.has(plain(block.keys[at] ?? ''))
    return { ...block, keys: block.keys.filter(isWanted), values: block.values.filter(isWanted) }
  })
  return { blocks: kept.filter(({ keys }) => keys.length > 0), ownKeys: names.length - wanted.size }
}

async function mergeSummary(
  db: Kysely<Tables>,
  { job_id, prefix }: FoundRun,
  summary: NonNullable<TakenRun['summary']>,
): Promise<JobPatch | null> {
  const detail = await db.selectFrom('job_detail').select('summary').where('job_id', '=', job_id).executeTakeFirst()
  const own = parseJson<NonNullable<JobPatch['summary']>>(detail?.summary ?? '{}')
  const added = Object.entries(summary).filter(([key]) => !(key in own))
  if (added.length === 0) return null
  return { summary: { ...own, ...Object.fromEntries(added.map(([key, value]) => [prefix + key, value])) } }
}

/** A card goes by what the job reports itself, where it does. */
function showsNothingElse({ headline, progress }: Curves): boolean {
  return progress === null || (headline?.key.startsWith('wandb/') ?? false)
}
