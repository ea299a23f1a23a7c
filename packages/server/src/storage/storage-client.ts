import type { OperationInput, OperationName, OperationOutput } from './operations.ts'

/** One message for the hub: the data of a topic as `live.ts` of the contract describes it. */
export type LiveUpdate = { topic: string; data: unknown }

/** The server's side of the storage thread. */
export type StorageClient = {
  /** Runs an operation. Rejects with the `PilothouseError` that it threw, or `diskFull`, `unavailable`, `internal`. */
  call<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>>
  /** Tells the storage thread which topics somebody watches; only those (and `jobs`) are worked out. */
  watch(topics: readonly string[]): void
  /** Live updates, at most every 100 ms, in order of commit. Returns its undo. */
  subscribe(listener: (updates: readonly LiveUpdate[]) => void): () => void
  /** How busy the thread is lately, as a share of time, and how many operations wait for it. */
  load(): { utilisation: number; waiting: number }
  /** Flushes and ends the thread. */
  close(): Promise<void>
}
