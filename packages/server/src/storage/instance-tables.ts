/** Tables of rented machines, as a part of `tables.ts`. */
import type { RentedProviderKind } from '@pilothouse/contract'
import type { Generated } from 'kysely'
import type { Flag, Json } from './tables.ts'

export type InstanceTables = {
  provider_account: ProviderAccountTable
  instance: InstanceTable
  instance_cost: InstanceCostTable
  instance_log: InstanceLogTable
}

export type ProviderAccountTable = {
  id: Generated<number>
  owner_id: number
  name: string
  provider: RentedProviderKind
  /** Its key (channels/seal.ts). */
  sealed_key: string
  /** Another address than the provider's own. */
  url: string | null
  trusts_new_hosts: Flag
  created_ms: number
}

export type InstanceTable = {
  id: Generated<number>
  account_id: number
  /** The provider's id. */
  name: string
  /** What jobs are launched on it by; it stays when its label changes. */
  target: string
  /** `InstanceFacts` of the contract, as of `seen_ms`. */
  facts: Json
  first_seen_ms: number
  seen_ms: number
  gone_ms: number | null
  /** The job that was seen on it last. */
  job_uid: string | null
  stop_when_done: Flag
}

/** What a machine cost on one day (UTC): from the rate until its provider has billed that day. */
export type InstanceCostTable = {
  instance_id: number
  /** Begin of the day, ms since 1970. */
  day_ms: number
  amount: number
  currency: string
  is_charged: Flag
}

/** Of a machine without a job that reports: how far its log was read, and the job that the log became. */
export type InstanceLogTable = {
  instance_id: number
  /** `FollowedPlace` of instances/log-operations.ts. */
  place: Json
  /** Empty until it says something. */
  job_uid: string
}
