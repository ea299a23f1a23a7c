/** What becomes of two events of one topic when a subscriber is too slow to take both. */
import {
  type AlertsEvent,
  type JobsEvent,
  type LogsEvent,
  type MetricsEvent,
  type NotesEvent,
  type SamplesEvent,
  type SteeringChange,
  type Topic,
  parseTopic,
} from '@pilothouse/contract'

/** Newest lines that a slow subscriber still gets; the rest is counted. */
export const keptLinesMax = 200
/** The same of samples and of alerts. */
export const keptSamplesMax = 200

/** One event that leaves its receiver where `older` and then `newer` would have. */
export function mergeEvents(topic: string, older: unknown, newer: unknown): unknown {
  const kind: Topic['kind'] | undefined = parseTopic(topic)?.kind
  switch (kind) {
    case 'jobs':
      return mergeJobs(older as JobsEvent, newer as JobsEvent) // a topic's data has one shape
    case 'metrics':
    case 'resources':
      return mergeMetrics(older as MetricsEvent, newer as MetricsEvent) // likewise
    case 'logs':
      return mergeLogs(older as LogsEvent, newer as LogsEvent) // likewise
    case 'samples':
      return mergeSamples(older as SamplesEvent, newer as SamplesEvent) // likewise
    case 'notes':
      return mergeNotes(older as NotesEvent, newer as NotesEvent) // likewise
    case 'alerts':
      return mergeAlerts(older as AlertsEvent, newer as AlertsEvent) // likewise
    case 'steering':
      return mergeSteering(older as SteeringChange, newer as SteeringChange) // likewise
    case 'job':
    case undefined:
      return newer
    default:
      return kind satisfies never
  }
}

function mergeJobs(older: JobsEvent, newer: JobsEvent): JobsEvent {
  const replaced = new Set([...newer.jobs.map(({ uid }) => uid), ...newer.removed])
  const revived = new Set(newer.jobs.map(({ uid }) => uid))
  return {
    jobs: [...older.jobs.filter(({ uid }) => !replaced.has(uid)), ...newer.jobs],
    removed: [...new Set([...older.removed.filter((uid) => !revived.has(uid)), ...newer.removed])],
  }
}

type LiveSeries = MetricsEvent['series'][number]

function mergeMetrics(older: MetricsEvent, newer: MetricsEvent): MetricsEvent {
  const series = older.series.map((one) => ({ ...one }))
  const newest = new Map(series.map((one) => [nameSeries(one), one]))
  for (const one of newer.series) {
    const before = newest.get(nameSeries(one))
    if (before && before.from + before.steps.length === one.from) appendPoints(before, one)
    else {
      const copy = { ...one }
      series.push(copy)
      newest.set(nameSeries(one), copy)
    }
  }
  return { series, skipped: older.skipped + newer.skipped }
}

function nameSeries({ source, branch, key }: LiveSeries): string {
  return JSON.stringify([source, branch, key])
}

function appendPoints(target: LiveSeries, more: LiveSeries): void {
  target.steps = [...target.steps, ...more.steps]
  target.times = [...target.times, ...more.times]
  target.epochs = [...target.epochs, ...more.epochs]
  target.values = [...target.values, ...more.values]
}

/** `skipped` lines stand before `lines`, so lines in front of a gap are given up, too. */
function mergeLogs(older: LogsEvent, newer: LogsEvent): LogsEvent {
  if (older.attempt !== newer.attempt) return newer
  const { attempt, open } = newer
  if (newer.skipped > 0) return { ...newer, skipped: older.skipped + older.lines.length + newer.skipped }
  const lines = [...older.lines, ...newer.lines]
  const left = Math.max(0, lines.length - keptLinesMax)
  return { attempt, open, lines: lines.slice(left), skipped: older.skipped + left }
}

function mergeSamples(older: SamplesEvent, newer: SamplesEvent): SamplesEvent {
  const samples = [...older.samples, ...newer.samples]
  const left = Math.max(0, samples.length - keptSamplesMax)
  return { samples: samples.slice(left), skipped: older.skipped + newer.skipped + left }
}

/** The state at the end: a note in its last form, or gone. */
export function mergeNotes(older: NotesEvent, newer: NotesEvent): NotesEvent {
  const revived = new Set(newer.notes.map(({ id }) => id))
  const replaced = new Set([...revived, ...newer.removed])
  return {
    notes: [...older.notes.filter(({ id }) => !replaced.has(id)), ...newer.notes],
    removed: [...new Set([...older.removed.filter((id) => !revived.has(id)), ...newer.removed])],
    total: newer.total,
  }
}

function mergeSteering(older: SteeringChange, newer: SteeringChange): SteeringChange {
  return { parts: [...new Set([...older.parts, ...newer.parts])] }
}

/** The oldest go; `GET /api/alerts` has them. */
function mergeAlerts(older: AlertsEvent, newer: AlertsEvent): AlertsEvent {
  return { alerts: [...older.alerts, ...newer.alerts].slice(-keptSamplesMax) }
}
