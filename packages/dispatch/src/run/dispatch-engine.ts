import type { ConcurrencyBounds } from '../concurrency/concurrency.ts'
import type { Attempt } from '../engine/engine-client.ts'
import type { EngineMetrics } from '../metrics/parse-engine-metrics.ts'
import type { BatchRequest } from '../request.ts'

/** What sends requests of a run, and gets as many at once as it computes side by side. */
export type DispatchEngine<R extends BatchRequest = BatchRequest> = {
  /** Unique among the engines of a run. */
  name: string
  /** Rejects only when `signal` is aborted. `onTokens`: so many more came. */
  send: (request: R, calls: { signal: AbortSignal; onTokens: (count: number) => void }) => Promise<Attempt>
  /** What the engine tells of itself; null where it does not. */
  readMetrics?: (() => Promise<EngineMetrics | null>) | undefined
  bounds?: ConcurrencyBounds | undefined
}
