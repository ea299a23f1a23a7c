/** Rows of launches as the keeper and the routes see them. */
import {
  isEnded,
  type JobState,
  type Launch,
  type LaunchOrder,
  type LaunchSpec,
  type LaunchState,
  type LaunchStep,
  PilothouseError,
  type TargetKind,
} from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import { parseJson } from '../jobs/parse-json.ts'
import type { LaunchTable } from '../storage/launch-tables.ts'
import type { Tables } from '../storage/tables.ts'

/** What the target said last, as far as people see it. */
export type Standing = {
  nodes: string[]
  reason: string | null
  position: number | null
  expectedStartAt: number | null
}
export type Trouble = { message: string; hint: string }

/** As the keeper of launches knows one. */
export type KeptLaunch = {
  id: number
  jobId: number
  uid: string
  memberId: number
  target: string
  kind: TargetKind
  spec: LaunchSpec
  script: string | null
  state: LaunchState
  steps: LaunchStep[]
  folder: string | null
  slurmId: string | null
  /** What it is submitted with, as one job array of Slurm. */
  array: { uid: string; index: number; atOnce: number | null } | null
  attempt: number
  restarts: number
  logFrom: number
  wanted: LaunchOrder | null
  isUnknown: boolean
  /** null: the job is gone. */
  jobState: JobState | null
}

type Row = Selectable<LaunchTable>
type JobPart = { job_state: JobState | null }

export const noStanding: Standing = { nodes: [], reason: null, position: null, expectedStartAt: null }

export function toKept(row: Row & JobPart): KeptLaunch {
  return {
    id: row.id,
    jobId: row.job_id,
    uid: row.uid,
    memberId: row.member_id,
    target: row.target,
    kind: row.kind,
    spec: parseJson<LaunchSpec>(row.spec),
    script: row.script,
    state: row.state,
    steps: parseJson<LaunchStep[]>(row.steps),
    folder: row.folder,
    slurmId: row.slurm_id,
    array:
      row.array_uid === null ? null : { uid: row.array_uid, index: row.array_index ?? 0, atOnce: row.array_at_once },
    attempt: row.attempt,
    restarts: row.restarts,
    logFrom: row.log_from,
    wanted: row.wanted,
    isUnknown: row.unknown_ms !== null,
    jobState: row.job_state,
  }
}

export function toLaunch(row: Row & JobPart & { script_member_name: string | null }): Launch {
  const { nodes, reason, position, expectedStartAt } =
    row.standing === null ? noStanding : parseJson<Standing>(row.standing)
  return {
    uid: row.uid,
    spec: parseJson<LaunchSpec>(row.spec),
    script: row.script,
    scriptBy:
      row.script_member_id === null ? null : { id: row.script_member_id, name: row.script_member_name ?? 'unknown' },
    target: { name: row.target, kind: row.kind },
    state: row.state,
    steps: parseJson<LaunchStep[]>(row.steps),
    folder: row.folder,
    slurmId: row.slurm_id,
    nodes,
    reason,
    position,
    expectedStartAt,
    restarts: row.restarts,
    unknownSince: row.unknown_ms,
    trouble: row.trouble === null ? null : parseJson<Trouble>(row.trouble),
    lookedAt: row.looked_ms,
    orders: listOrders(row),
    isKept: Boolean(row.is_kept),
  }
}

/** What a launch can be told now. Pure. */
export function listOrders({
  state,
  kind,
  standing,
  job_state,
}: Pick<Row, 'state' | 'kind' | 'standing'> & JobPart): LaunchOrder[] {
  if (job_state === null || isEnded(job_state)) return []
  if (state === 'preparing') return ['cancel']
  if (state !== 'following') return []
  if (kind !== 'slurm') return ['cancel']
  if (job_state === 'running' || job_state === 'paused') return ['cancel', 'requeue']
  const isHeld = standing !== null && parseJson<Standing & { isHeld?: boolean }>(standing).isHeld === true
  return isHeld ? ['cancel', 'release'] : ['cancel', 'hold']
}

export function selectLaunches(db: Kysely<Tables>) {
  return db
    .selectFrom('launch')
    .leftJoin('job', 'job.id', 'launch.job_id')
    .leftJoin('member', 'member.id', 'launch.script_member_id')
    .selectAll('launch')
    .select(['job.state as job_state', 'member.name as script_member_name'])
}

/** @throws PilothouseError `notFound` */
export function launchNotFound(uid: string): PilothouseError {
  return new PilothouseError('notFound', `The job «${uid}» was not launched from here.`, {
    field: 'uid',
    hint: 'A job that was started by hand, or by «pilothouse run», is stopped where it was started.',
  })
}
