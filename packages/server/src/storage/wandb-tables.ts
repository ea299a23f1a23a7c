/** Tables of what is read from Weights & Biases. */
import type { WandbStatus } from '@pilothouse/contract'
import type { Generated } from 'kysely'

export type WandbKeyTable = {
  id: Generated<number>
  owner_id: number
  /** Of the API. */
  base_url: string
  sealed: string
  /** Whose it is over there; null before W&B was reached with it. */
  user_name: string | null
  created_ms: number
  checked_ms: number | null
  /** Why it is of no use; null while W&B takes it. */
  fault: string | null
}

/** A run that the log of a job names, and how far it is stored. */
export type WandbRunTable = {
  id: Generated<number>
  job_id: number
  /** Whose log named it first. */
  attempt: number
  base_url: string
  entity: string
  project: string
  run: string
  /** What names of its metrics begin with here. */
  prefix: string
  name: string | null
  /** As W&B calls it. */
  state: string | null
  status: WandbStatus
  message: string | null
  /** All before this step are stored. */
  next_step: number
  /** How many steps are asked for next; 0 before the first answer. */
  window_steps: number
  /** Metrics that it has, as W&B counts them. */
  key_count: number
  own_keys: number
  synced_ms: number | null
  heartbeat_ms: number | null
  /** In vain, one after another. */
  tries: number
  /** When it is asked for again; null: no more. */
  next_ms: number | null
}
