/** Tables of batch inference, as a part of `tables.ts`. */
import type { FilePurpose } from '@pilothouse/contract'
import type { Generated } from 'kysely'
import type { Flag } from './tables.ts'

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
