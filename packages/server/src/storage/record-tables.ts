import type { JobState } from '@pilothouse/contract'

/** What is counted of a job that has ended (records/write-record.ts): a copy, as of its last digest. */
export type JobRecordTable = {
  job_id: number
  project: string
  target: string | null
  /** The partition that was asked for. */
  partition_name: string | null
  owner_id: number
  state: JobState
  /** Why it did not complete: id of a diagnosis rule, `unknown`, `cancelled`, `lost`; null: it did. */
  cause: string | null
  ended_ms: number
  /** From its submission to its first start; null where it was not launched from here. */
  waited_ms: number | null
  /** Of all attempts, and of the last one; null where none has started. */
  ran_ms: number | null
  last_ms: number | null
  gpus: number
  gpu_kind: string | null
  hour_cost: number | null
  /** Its time limit, its GPUs over all nodes, its memory on each node; null where they were not asked for. */
  asked_ms: number | null
  asked_gpus: number | null
  asked_bytes: number | null
  /** Mean use of its GPUs, 0 to 1; null where nobody measured it. */
  busy: number | null
  /** The most memory of its processes on one host. */
  peak_bytes: number | null
}
