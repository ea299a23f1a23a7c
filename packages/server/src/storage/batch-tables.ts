/** Tables of batch inference, as a part of `tables.ts`. */
import type { BatchStatus, FilePurpose, RequestFailureCode, ServingKind, ServingState } from '@pilothouse/contract'
import type { Generated } from 'kysely'
import type { Flag, Json } from './tables.ts'

export type BatchTables = {
  file: FileTable
  engine: EngineTable
  serving: ServingTable
  launched_worker: LaunchedWorkerTable
  batch: BatchTable
  batch_shard: BatchShardTable
  dead_letter: DeadLetterTable
  batch_point: BatchPointTable
  batch_log: BatchLogTable
}

export type FileTable = {
  /** As `fileIdPattern` has it; sorted by it, files stand in the order of their making. */
  id: string
  owner_id: number
  /** As it was called where it came from, cleaned (files/clean-file-name.ts). */
  name: string
  purpose: FilePurpose
  bytes: number
  created_ms: number
  /** From then on it is gone; null: it stays. */
  expires_ms: number | null
}

export type EngineTable = {
  id: Generated<number>
  owner_id: number
  name: string
  base_url: string
  /** Its key (channels/seal.ts). */
  sealed_key: string | null
  concurrency_max: number | null
  /** Names as JSON: those that it listed last, or that somebody said. */
  models: string
  are_models_given: Flag
  /** As JSON (`ModelPrice` of the contract). */
  prices: string
  is_paused: Flag
  created_ms: number
  changed_ms: number
}

/** A worker that was launched from here, until its job is over. */
export type LaunchedWorkerTable = {
  job_uid: string
  /** As it calls itself. */
  name: string
  target: string
  token_id: number
  /** Its token (channels/seal.ts): it is told it once more where its folder is made anew. */
  sealed_token: string
  /** What it knows the control room by. */
  url: string
  /** Port of the loopback of its machine that leads here; null: it needs none. */
  far_port: number | null
}

/** An engine that was started from here. */
export type ServingTable = {
  id: Generated<number>
  owner_id: number
  name: string
  model_name: string
  kind: ServingKind
  /** What is launched, as JSON (`LaunchSpec` of the contract), with placeholders in its command. */
  spec: Json
  /** What `{model}` stands for. */
  path: string
  /** Whose checkpoint that is; both null where it is none. */
  source_uid: string | null
  checkpoint_id: number | null
  /** It runs as this job. */
  job_uid: string
  port: number
  /** Ports that were tried. */
  tries: number
  /** Its key (channels/seal.ts). */
  sealed_key: string
  state: ServingState
  trouble: string | null
  /** Set exactly while it is ready. */
  engine_id: number | null
  idle_minutes: number | null
  created_ms: number
  ready_ms: number | null
  used_ms: number | null
  ended_ms: number | null
}

export type BatchTable = {
  /** As `batchIdPattern` has it; sorted by it, batches stand in the order of their making. */
  id: string
  owner_id: number
  /** The batch whose failed requests it sends again. */
  parent_id: string | null
  /** What its creator repeats the call with. */
  idempotency_key: string | null
  /** Of its input file, which may be gone. */
  name: string
  input_file_id: string
  /** Ids that its files will have, chosen at its creation. */
  output_file_id: string
  error_file_id: string
  endpoint: string
  /** null until the input is read, unless the creator named it. */
  model: string | null
  is_model_replaced: Flag
  is_ordered: Flag
  priority: number
  completion_window: string
  /** Of text to text, as JSON. */
  metadata: string | null
  /** Its files are kept for so long; null: until somebody deletes them. */
  files_life_s: number | null
  /** Where its end is told; null: nowhere. */
  notify_channel_id: number | null
  status: BatchStatus
  /** 1: its time was over: no result is taken any more, though it is `in_progress` until it is `expired`. */
  is_expiring: Generated<number>
  /** Of the input, as JSON: `{ count, shown }` of the contract's `inputFaults`. */
  faults: string | null
  total: number
  completed: number
  failed: number
  input_tokens: number
  cached_tokens: number
  output_tokens: number
  reasoning_tokens: number
  /** Of those that failed, how many failed for good (rows of `dead_letter`). */
  letters: Generated<number>
  /** null: nothing had a price. */
  cost: number | null
  /** What of its result files is committed; what lies behind it is cut off. */
  output_bytes: number
  error_bytes: number
  /** When a shard of it was leased last: of equals, who waits longest comes first. */
  served_ms: number
  /** Between two rows of `batch_point`; doubled when they become too many. */
  point_every_ms: number
  created_ms: number
  expires_ms: number
  in_progress_ms: number | null
  finalizing_ms: number | null
  cancelling_ms: number | null
  ended_ms: number | null
}

/** Requests `first` … `first + count - 1` in the order in which they are sent (`order` beside the input). */
export type BatchShardTable = {
  batch_id: string
  shard: number
  first: number
  count: number
  /** A bit for each request that has its result, as base64; the first one is the lowest bit of the first byte. */
  done: string
  is_done: Flag
  /** Who has, or had, the newest lease. */
  worker: string | null
  /** Of the newest lease; counts up. */
  epoch: number
  /** 0: nobody has it. */
  lease_until_ms: number
}

/** Requests that have failed for good. */
export type DeadLetterTable = {
  batch_id: string
  line: number
  /** Its place in the index of the input. */
  at: number
  custom_id: string
  code: RequestFailureCode
  message: string
  status: number | null
  attempts: number
  took_ms: number
  created_ms: number
}

/** What was done by a point in time. */
export type BatchPointTable = {
  batch_id: string
  at_ms: number
  completed: number
  failed: number
  input_tokens: number
  output_tokens: number
}

export type BatchLogTable = {
  batch_id: string
  n: number
  at_ms: number
  level: 'info' | 'warning' | 'error'
  message: string
}
