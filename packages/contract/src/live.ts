/**
 * The live stream: one hub, many topics, two framings of the same messages (WebSocket `/api/live`, and SSE on the same
 * path with `?topic=…`). A cursor is `epoch.seq`: the epoch changes when the server starts anew, seq counts all messages
 * of the hub. A subscriber that names the cursor it has gets what came since, or `reset`, and then takes a snapshot.
 * Snapshot and stream meet without gap or double: subscribe first, fetch then, and drop by `version`, `from` or `n`.
 *
 *   topic            data
 *   jobs             JobsEvent: cards that changed, uids that went away
 *   job:{uid}        Job, whole
 *   metrics:{uid}    MetricsEvent: new points of the job's own source
 *   resources:{uid}  MetricsEvent: new points of hosts, GPUs and ranks
 *   logs:{uid}       LogsEvent: new lines of the current attempt
 *   samples:{uid}    SamplesEvent: new samples
 *   notes:{uid}      NotesEvent: notes that were written, changed, or went away
 *   steering:{uid}   SteeringChange: which lists of the job are other than before
 *   alerts           AlertsEvent: alerts of all jobs that are new or changed
 */
import type { Alert } from './alert.ts'
import type { JobCard } from './job.ts'
import type { LogLine } from './log.ts'
import type { Note } from './note.ts'
import type { Sample } from './sample.ts'

export type JobsEvent = { jobs: JobCard[]; removed: string[] }

/** A number, or the word for one that JSON lacks. */
export type WireValue = number | 'NaN' | 'Infinity' | '-Infinity'

export type MetricsEvent = {
  series: {
    key: string
    source: string
    branch: number
    /** Number of the first of these points in the series, as `total` of a snapshot counts. */
    from: number
    steps: number[]
    /** Server's clock, ms. */
    times: number[]
    epochs: (number | null)[]
    values: WireValue[]
  }[]
  /** Points left out because the subscriber or the hub could not keep up: take a snapshot when convenient. */
  skipped: number
}

export type LogsEvent = {
  attempt: number
  lines: LogLine[]
  /** The line under way; null when there is none. */
  open: string | null
  /** Lines left out before `lines` because the subscriber could not keep up; they are in the store. */
  skipped: number
}

/** New samples in the order of their ids. */
export type SamplesEvent = {
  samples: Sample[]
  /** Samples left out of this event; they are in the store. */
  skipped: number
}

/** Notes that are new or changed, and the ids of those that went away. */
export type NotesEvent = {
  notes: Note[]
  removed: number[]
  /** Notes that the job has now. */
  total: number
}

/** Lists to be asked for again: they are short, and what is in them depends on each other. */
export type SteeringChange = {
  parts: ('commands' | 'parameters' | 'checkpoints' | 'schedules' | 'proposals' | 'launch')[]
}

/** Alerts that are new or changed, oldest first; an alert may be in it twice, the later one counts. */
export type AlertsEvent = { alerts: Alert[] }

export type ClientMessage =
  | { type: 'subscribe'; topic: string; after?: string }
  | { type: 'unsubscribe'; topic: string }
  | { type: 'ping' }

export type ServerMessage =
  | { type: 'hello'; epoch: string; time: number; version: string }
  | { type: 'subscribed'; topic: string; cursor: string }
  | { type: 'event'; topic: string; cursor: string; data: unknown }
  | { type: 'reset'; topic: string; cursor: string }
  | { type: 'error'; topic?: string; code: string; message: string }
  | { type: 'pong'; time: number }

const topicKinds = ['job', 'metrics', 'resources', 'logs', 'samples', 'notes', 'steering'] as const
const globalTopics = ['jobs', 'alerts'] as const
export type TopicKind = (typeof topicKinds)[number]
export type GlobalTopic = (typeof globalTopics)[number]
export type Topic = { kind: GlobalTopic } | { kind: TopicKind; uid: string }

/** Reads a topic's name; undefined when there is no such topic. */
export function parseTopic(text: string): Topic | undefined {
  const everywhere = globalTopics.find((name) => name === text)
  if (everywhere) return { kind: everywhere }
  const [kind, uid, rest] = text.split(':')
  const known = topicKinds.find((name) => name === kind)
  return known && uid && rest === undefined ? { kind: known, uid } : undefined
}

/** The inverse of `parseTopic`. */
export function formatTopic(topic: Topic): string {
  return 'uid' in topic ? `${topic.kind}:${topic.uid}` : topic.kind
}
