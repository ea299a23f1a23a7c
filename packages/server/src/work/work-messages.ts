/** What the work thread and the server say to each other. Plain data: it is cloned on its way. */
import type { WorkSource } from '@pilothouse/dispatch'
import type { WireError } from '../storage/wire-error.ts'

export type WorkThreadData = {
  /** Name of the worker. */
  name: string
  host: string
  /** When it ends, what is under way may take so long. */
  graceMs: number
}

type Asked = keyof WorkSource
/** A call of the work source, without its signal. */
export type WorkAsk = { [Name in Asked]: { name: Name; input: Parameters<WorkSource[Name]>[0] } }[Asked]

export type FromWorkThread =
  | { type: 'ask'; id: number; ask: WorkAsk }
  /** Nobody waits for the answer any more; one comes all the same. */
  | { type: 'abort'; id: number }
  | { type: 'trouble'; message: string }

export type ToWorkThread =
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'failed'; id: number; error: WireError }
  /** It is to come to its end. */
  | { type: 'drain' }
