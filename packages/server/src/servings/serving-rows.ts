/** Rows of engines that are started from here, as their keeper and the routes see them. */
import type {
  JobState,
  LaunchSpec,
  LaunchState,
  Serving,
  ServingKind,
  ServingState,
  TargetKind,
} from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { parseJson } from '../jobs/parse-json.ts'
import type { Standing, Trouble } from '../launches/launch-rows.ts'
import type { Tables } from '../storage/tables.ts'

/** As its keeper knows one: with the job that it runs as, and the engine that it is known as. */
export type KeptServing = {
  id: number
  ownerId: number
  name: string
  modelName: string
  kind: ServingKind
  spec: LaunchSpec
  path: string
  jobUid: string
  port: number
  tries: number
  sealedKey: string
  state: ServingState
  trouble: string | null
  engineId: number | null
  /** Where the engine is known to be now; null: nowhere. */
  baseUrl: string | null
  idleMinutes: number | null
  readyAt: number | null
  usedAt: number | null
  /** null: the launch is gone. */
  launchState: LaunchState | null
  targetKind: TargetKind | null
  /** Where it runs, as its target names it. */
  node: string | null
  /** null: the job is gone. */
  jobState: JobState | null
  /** What is said of how it failed. */
  jobError: string | null
  /** Why it waits. */
  waitsFor: string | null
}

/**
 * Nothing listens at the port of «discard»: the address of an engine that cannot be reached now. Who listens where a connection
 * has led to may be anybody, and is not to get its key.
 */
export const nowhere = 'http://127.0.0.1:9'

export function selectServings(db: Kysely<Tables>) {
  return db
    .selectFrom('serving')
    .leftJoin('launch', 'launch.uid', 'serving.job_uid')
    .leftJoin('job', 'job.id', 'launch.job_id')
    .leftJoin('engine', 'engine.id', 'serving.engine_id')
    .leftJoin('member', 'member.id', 'serving.owner_id')
    .selectAll('serving')
    .select(['launch.state as launch_state', 'launch.kind as target_kind', 'launch.standing'])
    .select('launch.trouble as launch_trouble')
    .select(['job.state as job_state', 'job.state_reason', 'job.error_message'])
    .select(['engine.base_url', 'member.name as owner_name'])
}

type Row = Awaited<ReturnType<ReturnType<typeof selectServings>['execute']>>[number]

export function toServing(row: Row): Serving {
  const spec = parseJson<LaunchSpec>(row.spec)
  return {
    id: row.id,
    name: row.name,
    modelName: row.model_name,
    source: { path: row.path, jobUid: row.source_uid, checkpointId: row.checkpoint_id },
    kind: row.kind,
    target: spec.target,
    jobUid: row.job_uid,
    command: spec.command,
    state: row.state,
    trouble: row.trouble,
    engineId: row.engine_id,
    idleMinutes: row.idle_minutes,
    owner: { id: row.owner_id, name: row.owner_name ?? '' },
    createdAt: row.created_ms,
    readyAt: row.ready_ms,
    usedAt: row.used_ms,
    endedAt: row.ended_ms,
  }
}

export function toKeptServing(row: Row): KeptServing {
  return {
    id: row.id,
    ownerId: row.owner_id,
    name: row.name,
    modelName: row.model_name,
    kind: row.kind,
    spec: parseJson<LaunchSpec>(row.spec),
    path: row.path,
    jobUid: row.job_uid,
    port: row.port,
    tries: row.tries,
    sealedKey: row.sealed_key,
    state: row.state,
    trouble: row.trouble,
    engineId: row.engine_id,
    baseUrl: row.base_url === nowhere ? null : row.base_url,
    idleMinutes: row.idle_minutes,
    readyAt: row.ready_ms,
    usedAt: row.used_ms,
    launchState: row.launch_state,
    targetKind: row.target_kind,
    node: row.standing === null ? null : (parseJson<Standing>(row.standing).nodes[0] ?? null),
    jobState: row.job_state,
    jobError: row.error_message,
    waitsFor: row.launch_trouble === null ? row.state_reason : parseJson<Trouble>(row.launch_trouble).message,
  }
}
