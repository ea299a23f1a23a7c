import type { SeriesDatabase } from '@pilothouse/series'
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** What the storage asks of its database, beyond the seam of the metric store. */
export type StorageDatabase = SeriesDatabase & {
  /** On the same connection, within the same transactions. */
  readonly db: Kysely<Tables>
  /** True between the begin and the end of a transaction. */
  readonly inTransaction: boolean
  /** Rows changed since it was opened; what has changed no more needs no `persist`. */
  changes(): number
  /** Resolves when all that was committed before the call would outlive a loss of power. */
  persist(): Promise<void>
  sizes(): Promise<DatabaseSizes>
  /** Gives space back that the database itself holds; throws when nothing does. */
  relieve(): void
  /** Work of its own that has to happen again and again, as between two commits. */
  readonly upkeep?: { everyMs: number; run(): Promise<void> }
  /**
   * Set where the connection can be lost. While it is away everything that needs it throws `unavailable`; once it is back,
   * nothing runs before `resume`, which is to be followed by reading anew whatever memory held.
   */
  readonly connection?: { isOpen(): boolean; resume(): void; suspend(): void }
  close(): void | Promise<void>
}

export type DatabaseSizes = {
  /** What the database occupies, without its write-ahead log. */
  bytes: number
  /** What deleted rows left behind; new rows use it first. Null where that is not known. */
  freeBytes: number | null
  /** The write-ahead log; null where it has none of its own. */
  logBytes: number | null
}
