import type { SeriesStore } from '@pilothouse/series'
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** What an operation works with, inside the storage thread. */
export type StorageContext = {
  db: Kysely<Tables>
  series: SeriesStore
  now: () => number
}

/**
 * One whole piece of storage work, run in the storage thread in a transaction of its own, never interleaved with another.
 * Arguments and results cross a thread boundary: plain data and byte arrays only. Throws `PilothouseError`, which crosses too.
 */
export type Operation<Input, Output> = (context: StorageContext, input: Input) => Promise<Output>
