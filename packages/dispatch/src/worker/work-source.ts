import type {
  GiveBack,
  Heartbeat,
  HeartbeatAnswer,
  LeaseAnswer,
  LeaseAsk,
  WorkDelivered,
  WorkDelivery,
  WorkEngines,
} from '@pilothouse/contract'

/**
 * Where a worker gets requests and brings results: the control room, over HTTP or from a thread inside of it. Each call rejects
 * where there is no answer, and does so by itself after a while; the worker repeats it.
 */
export type WorkSource = {
  /** Rejects with the reason of `signal` once that is aborted; what was leased nevertheless is over by itself. */
  lease(ask: LeaseAsk, signal: AbortSignal): Promise<LeaseAnswer>
  /** Nothing of it is lost once it resolves; repeating it changes nothing. */
  deliver(delivery: WorkDelivery): Promise<WorkDelivered>
  beat(heartbeat: Heartbeat): Promise<HeartbeatAnswer>
  giveBack(leases: GiveBack): Promise<void>
  engines(query: { model: string }): Promise<WorkEngines>
}
