/** What both framings of the live stream share: the data of a topic, the state of the line, when to try again. */
import type {
  AlertsEvent,
  Job,
  JobsEvent,
  LogsEvent,
  MetricsEvent,
  NotesEvent,
  SamplesEvent,
  SteeringChange,
} from '@pilothouse/contract'

export type TopicData<Name extends string> = Name extends 'jobs'
  ? JobsEvent
  : Name extends 'alerts'
    ? AlertsEvent
    : Name extends `job:${string}`
      ? Job
      : Name extends `logs:${string}`
        ? LogsEvent
        : Name extends `samples:${string}`
          ? SamplesEvent
          : Name extends `notes:${string}`
            ? NotesEvent
            : Name extends `steering:${string}`
              ? SteeringChange
              : Name extends `metrics:${string}` | `resources:${string}`
                ? MetricsEvent
                : unknown

export type LiveState = 'live' | 'connecting' | 'offline'
/** `since`: when this state began, local clock, ms; while not live, when the line was lost. */
export type LiveStatus = { state: LiveState; since: number }

export type TopicHandlers<Data> = {
  onEvent: (data: Data, cursor: string) => void
  /**
   * Take a snapshot now: the subscription stands, and what happens from here on arrives as events. Called once at first,
   * and again after every gap.
   */
  onReset: () => void
  onStatus?: (status: LiveStatus) => void
}

/** Waits between attempts, ms: they grow to `retryMaxMs`, and half of each is left to chance so that clients spread. */
export const retryFirstMs = 400
export const retryMaxMs = 10_000

/** How long to wait before attempt `attempt` (0 is the first after a loss). `random` is in [0, 1). */
export function waitBeforeAttempt(attempt: number, random: number): number {
  const full = Math.min(retryMaxMs, retryFirstMs * 1.8 ** attempt)
  return Math.round(full * (0.5 + random / 2))
}
