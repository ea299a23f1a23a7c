/** What the server's thread and the storage thread say to each other. */
import type { LiveUpdate } from './storage-client.ts'
import type { OperationName } from './operations.ts'
import type { WireError } from './wire-error.ts'

export type StorageSettings = {
  /** Exists, is ours alone. */
  dataFolder: string
  /** Address of a PostgreSQL database, kept in place of the file in the data folder. It may hold a password. */
  databaseUrl?: string | undefined
  /** A live job without a report for so long becomes lost. */
  lostAfterMs: number
  /** So long changes of jobs gather before what is searched and priced follows them, ms; 1,000 unless it is given. */
  digestDelayMs?: number | undefined
  /** Bound of the database in pages of 4 kB, for tests of a full disk. */
  pagesMax?: number | undefined
}

/** One operation asked for; the name and the input were matched by the type of `StorageClient.call`. */
export type Call = { id: number; name: OperationName; input: unknown }
export type Answer = { id: number; value: unknown } | { id: number; error: WireError }

export type ToStorage =
  | { type: 'calls'; calls: Call[] }
  | { type: 'watch'; topics: readonly string[] }
  | { type: 'close' }

export type FromStorage =
  | { type: 'ready' }
  | { type: 'refused'; error: WireError }
  | { type: 'answers'; answers: Answer[] }
  | { type: 'live'; updates: LiveUpdate[] }
  /** Background work failed; it will be tried again. */
  | { type: 'trouble'; task: string; error: WireError }
  | { type: 'closed' }
