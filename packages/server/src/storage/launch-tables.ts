/** Tables of launches, and of the code that they take along. */
import type { LaunchOrder, LaunchState, ProjectKind, TargetKind } from '@pilothouse/contract'
import type { Generated } from 'kysely'
import type { Flag, Json } from './tables.ts'

/** Source code that jobs are launched from. Jobs name it by `job.project` and do not depend on it. */
export type ProjectTable = {
  id: Generated<number>
  owner_id: number
  name: string
  kind: ProjectKind
  /** A real path, or the address of a repository. */
  place: string
  /** What was read last; null before. */
  code: Json | null
  read_ms: number | null
  /** Why it cannot be read, since when, and when that was tried last; all null while it can. */
  fault: Json | null
  fault_ms: number | null
  tried_ms: number | null
  created_ms: number
}

/** How a job was launched, and how it stands where it runs. */
export type LaunchTable = {
  id: Generated<number>
  job_id: number
  /** Of the job: its run is found again by it also when the job is gone. */
  uid: string
  member_id: number
  /** The caller's, by which the same request is known. */
  key: string | null
  target: string
  kind: TargetKind
  spec: Json
  /** null before it is written. */
  script: string | null
  /** Who wrote it in place of the template. */
  script_member_id: number | null
  state: LaunchState
  steps: Json
  /** Whole path over there. */
  folder: string | null
  slurm_id: string | null
  /** Uid of the array that it is an element of; null: it is submitted alone. */
  array_uid: string | null
  array_index: number | null
  /** Elements of the array that may run at a time; null: all. */
  array_at_once: number | null
  /** The job's attempt that runs in it now. */
  attempt: number
  /** As the scheduler counts them. */
  restarts: number
  /** What the target said last. */
  standing: Json | null
  /** Bytes of its log that are stored. */
  log_from: number
  /** What somebody wants done, until it is. */
  wanted: LaunchOrder | null
  /** Nothing has been heard of the target since. */
  unknown_ms: number | null
  trouble: Json | null
  looked_ms: number | null
  /** Its folder is still there. */
  is_kept: Flag
  created_ms: number
}
