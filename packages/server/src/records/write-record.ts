/** What is counted of a job once it has ended (`job_record`), out of what is stored of it. */
import { type gpuResourceKeys, type Hardware, isEnded, type LaunchSpec, type LaunchStep } from '@pilothouse/contract'
import type { Insertable } from 'kysely'
import { parseJson } from '../jobs/parse-json.ts'
import type { JobRow } from '../jobs/read-job.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { JobRecordTable } from '../storage/record-tables.ts'
import { answerMetrics } from '../telemetry/query-metrics.ts'

/**
 * Writes the record of a job anew; one that goes on again has none.
 * @param rule of the diagnosis; null: none matches
 */
export async function writeRecord(context: StorageContext, job: JobRow, rule: string | null): Promise<void> {
  const { db } = context
  if (!isEnded(job.state) || job.ended_ms === null) {
    await db.deleteFrom('job_record').where('job_id', '=', job.id).execute()
    return
  }
  const attempts = await db
    .selectFrom('attempt')
    .select(['started_ms', 'ended_ms', 'error'])
    .where('job_id', '=', job.id)
    .orderBy('number')
    .execute()
  const spans = attempts.flatMap(({ started_ms, ended_ms }) =>
    started_ms === null || ended_ms === null ? [] : Math.max(0, ended_ms - started_ms),
  )
  const error = attempts.at(-1)?.error ?? null
  const { held, ...asked } = await readAsked(context, job, attempts[0]?.started_ms ?? null)
  const record = {
    project: job.project,
    target: job.target,
    owner_id: job.owner_id,
    state: job.state,
    cause: chooseCause(job, error, rule),
    ended_ms: job.ended_ms,
    ran_ms: spans.length === 0 ? null : spans.reduce((sum, span) => sum + span, 0),
    last_ms: spans.at(-1) ?? null,
    gpus: job.gpus > 0 ? job.gpus : (held?.count ?? 0),
    gpu_kind: (await readGpuKind(context, job)) ?? held?.type ?? null,
    hour_cost: job.hour_cost,
    ...asked,
  } satisfies Omit<Insertable<JobRecordTable>, 'job_id'>
  // Curves that a rule of retention has taken are not measured again: what was counted of them stays.
  const used = job.data_removed_ms === null ? await readUsed(context, job) : {}
  await db
    .insertInto('job_record')
    .values({ job_id: job.id, ...record, ...used })
    .onConflict((conflict) => conflict.column('job_id').doUpdateSet({ ...record, ...used }))
    .execute()
}

/** Types of errors that say what a scheduler did, and rules of the diagnosis that mean the same. */
const schedulerCauses: Readonly<Record<string, string>> = {
  TimeLimit: 'time-limit',
  OutOfMemory: 'host-memory',
  Preempted: 'pre-empted',
  NodeFailure: 'lost-host',
  LaunchError: 'not-launched',
}

function chooseCause({ state }: JobRow, error: string | null, rule: string | null): string | null {
  if (state === 'cancelled' || state === 'lost') return state
  if (state !== 'failed') return null
  const type = error === null ? undefined : parseJson<{ type?: string }>(error).type
  return (type === undefined ? undefined : schedulerCauses[type]) ?? rule ?? 'unknown'
}

/** Of all its GPUs where they are of one kind. */
async function readGpuKind({ db }: StorageContext, job: JobRow): Promise<string | null> {
  const detail = await db.selectFrom('job_detail').select('hardware').where('job_id', '=', job.id).executeTakeFirst()
  const machines = detail ? parseJson<Hardware[]>(detail.hardware) : []
  const names = new Set(machines.flatMap(({ gpus }) => gpus.map(({ name }) => name)))
  return names.size === 0 ? null : [...names].toSorted().join(', ').slice(0, 200)
}

type Asked = Pick<
  Insertable<JobRecordTable>,
  'partition_name' | 'waited_ms' | 'asked_ms' | 'asked_gpus' | 'asked_bytes'
> & {
  /** GPUs that nobody else had meanwhile, whether the job tells of them or not: Slurm gives what is asked for. */
  held: { count: number; type: string | null } | null
}

/** What its launch asked for, and how long it waited after it had been submitted. */
async function readAsked({ db }: StorageContext, job: JobRow, startedMs: number | null): Promise<Asked> {
  const row = await db
    .selectFrom('launch')
    .select(['kind', 'spec', 'steps'])
    .where('job_id', '=', job.id)
    .executeTakeFirst()
  if (!row)
    return { partition_name: null, waited_ms: null, asked_ms: null, asked_gpus: null, asked_bytes: null, held: null }
  const { resources } = parseJson<LaunchSpec>(row.spec)
  const submit = parseJson<LaunchStep[]>(row.steps).find(({ step }) => step === 'submit')
  const submittedMs = submit?.state === 'done' ? submit.endedAt : null
  const { partition, nodes, gpus, memoryMb, timeLimitMinutes } = resources
  return {
    partition_name: partition ?? null,
    waited_ms: submittedMs === null || startedMs === null ? null : Math.max(0, startedMs - submittedMs),
    asked_ms: timeLimitMinutes === undefined ? null : timeLimitMinutes * 60_000,
    asked_gpus: gpus === undefined ? null : nodes * gpus.count,
    held: gpus === undefined || row.kind !== 'slurm' ? null : { count: nodes * gpus.count, type: gpus.type ?? null },
    asked_bytes: memoryMb === undefined ? null : memoryMb * 1024 ** 2,
  }
}

/** Of 100 %. */
const utilization: keyof typeof gpuResourceKeys = 'gpu.utilization'

type Used = Pick<Insertable<JobRecordTable>, 'busy' | 'peak_bytes'>

/** Mean use of its GPUs, 0 to 1, and the most memory that its processes had on one host. */
async function readUsed(context: StorageContext, job: JobRow): Promise<Used> {
  const ask = async (source: string, key: string) =>
    (await answerMetrics(context, job, { source, key: [key], x: 'wall', points: 1 })).series
  const means = (await ask('gpu:*', utilization)).flatMap(({ mean }) => finite(mean[0]))
  const peaks = (await ask('host:*', 'process.memory')).flatMap(({ max }) => finite(max[0]))
  return {
    busy: means.length === 0 ? null : means.reduce((sum, mean) => sum + mean, 0) / means.length / 100,
    peak_bytes: peaks.length === 0 ? null : Math.max(...peaks),
  }
}

function finite(value: number | undefined): number[] {
  return value !== undefined && Number.isFinite(value) ? [value] : []
}
