/**
 * From commits to what watchers are told. Changes gather between two ticks and leave as one message a topic. Cards go out
 * and alerts always (the hub keeps the latest for those that come later); everything else only for topics that somebody watches.
 */
import {
  type Alert,
  type AlertsEvent,
  type JobsEvent,
  type LogsEvent,
  type MetricsEvent,
  type NotesEvent,
  type SamplesEvent,
  type SteeringChange,
  formatTopic,
  jobSource,
} from '@pilothouse/contract'
import { readCards, readJob } from '../jobs/read-job.ts'
import { mergeNotes } from '../live/merge-events.ts'
import { finiteOrNull, toWireValues } from '../telemetry/wire-numbers.ts'
import type { Changes, LogsChange, NotesChange, PointsChange, SamplesChange } from './operation.ts'
import type { StorageRoom } from './open-storage.ts'
import type { LiveUpdate } from './storage-client.ts'

/** Points that one topic carries in a tick; what is beyond is counted in `skipped`. */
const pointsMax = 5_000
/** Lines that one topic carries in a tick: the last ones. */
const linesMax = 2_000
/** Samples that one topic carries in a tick: the last ones; and alerts. */
const samplesMax = 200
/** Ticks between two cards of a job that only goes on, unless its page is watched. */
const beatTicks = 5
/**
 * Cards of such jobs at once, those first that have waited longest: 200 a second whatever reports, so that 500 live jobs
 * show a new card every 2.5 s instead of drowning page and server in 1,000 cards a second.
 */
const beatsMax = 100
/** Cards in a tick; the rest follows in the next one. */
const cardsMax = 500

type PointsTopic = { kind: 'metrics' | 'resources'; series: MetricsEvent['series']; points: number; skipped: number }
type LogsTopic = { event: LogsEvent }

export class LiveFeed {
  readonly #room: StorageRoom
  readonly #publish: (updates: LiveUpdate[]) => void
  #watched = new Set<string>()
  readonly #jobs = new Set<number>()
  readonly #beats = new Map<number, string>()
  readonly #removed = new Set<string>()
  #ticks = 0
  readonly #points = new Map<string, PointsTopic>()
  readonly #logs = new Map<string, LogsTopic>()
  readonly #samples = new Map<string, SamplesEvent>()
  readonly #notes = new Map<string, NotesEvent>()
  readonly #steering = new Map<string, Set<SteeringChange['parts'][number]>>()
  #alerts: Alert[] = []

  constructor(room: StorageRoom, publish: (updates: LiveUpdate[]) => void) {
    this.#room = room
    this.#publish = publish
  }

  watch(topics: readonly string[]): void {
    this.#watched = new Set(topics)
  }

  /** Takes in what a commit changed. */
  note(changes: Changes): void {
    for (const id of changes.jobs) this.#jobs.add(id)
    for (const [id, uid] of changes.beats) this.#beats.set(id, uid)
    for (const uid of changes.removed) this.#removed.add(uid)
    for (const points of changes.points) this.#notePoints(points)
    for (const logs of changes.logs) this.#noteLogs(logs)
    for (const samples of changes.samples) this.#noteSamples(samples)
    for (const notes of changes.notes) this.#noteNotes(notes)
    // Always: it wakes the job that waits for its commands.
    for (const [uid, parts] of changes.steering)
      this.#steering.set(uid, new Set([...(this.#steering.get(uid) ?? []), ...parts]))
    // Always: they wake the one who takes them to their channels, too.
    if (changes.alerts.length > 0) this.#alerts = [...this.#alerts, ...changes.alerts].slice(-samplesMax)
  }

  /** Tells what has gathered. True when more is waiting, `later` when cards wait for another tick. */
  async tick(): Promise<boolean | 'later'> {
    this.#takeBeats()
    const ids = [...this.#jobs].slice(0, cardsMax)
    for (const id of ids) this.#jobs.delete(id)
    const updates = [
      ...(await this.#cardUpdates(ids)),
      ...this.#takePoints(),
      ...this.#takeLogs(),
      ...this.#takeSamples(),
      ...this.#takeNotes(),
      ...this.#takeSteering(),
    ]
    if (updates.length > 0) this.#publish(updates)
    if (this.#jobs.size > 0) return true
    return this.#beats.size > 0 && 'later'
  }

  #takeBeats(): void {
    this.#ticks += 1
    let left = this.#ticks % beatTicks === 0 ? beatsMax : 0
    // Nobody sees them, and who comes later begins with the whole list.
    const isListWatched = this.#watched.has('jobs')
    for (const [id, uid] of this.#beats) {
      left -= 1
      if (!isListWatched) this.#beats.delete(id)
      if ((left < 0 || !isListWatched) && !this.#watched.has(formatTopic({ kind: 'job', uid }))) continue
      this.#beats.delete(id)
      this.#jobs.add(id)
    }
  }

  async #cardUpdates(ids: readonly number[]): Promise<LiveUpdate[]> {
    const removed = [...this.#removed]
    this.#removed.clear()
    if (ids.length + removed.length === 0) return []
    const context = { db: this.#room.database.db, now: this.#room.now }
    const cards = await readCards(context, ids)
    const data: JobsEvent = { jobs: cards, removed }
    const updates: LiveUpdate[] = [{ topic: 'jobs', data }]
    for (const { uid } of cards) {
      const topic = formatTopic({ kind: 'job', uid })
      if (this.#watched.has(topic)) updates.push({ topic, data: await readJob(context, uid) })
    }
    return updates
  }

  #notePoints(change: PointsChange): void {
    const kind = change.block.source === jobSource ? 'metrics' : 'resources'
    const name = formatTopic({ kind, uid: change.uid })
    if (!this.#watched.has(name)) return
    const topic = this.#points.get(name) ?? { kind, series: [], points: 0, skipped: 0 }
    this.#points.set(name, topic)
    addPoints(topic, change)
  }

  #noteLogs({ uid, attempt, lines, open }: LogsChange): void {
    const name = formatTopic({ kind: 'logs', uid })
    if (!this.#watched.has(name)) return
    const known = this.#logs.get(name)?.event
    const before = known?.attempt === attempt ? known : { lines: [], skipped: 0 }
    const all = [...before.lines, ...lines]
    const skipped = Math.max(0, all.length - linesMax)
    this.#logs.set(name, { event: { attempt, lines: all.slice(skipped), open, skipped: before.skipped + skipped } })
  }

  #noteSamples({ uid, samples }: SamplesChange): void {
    const name = formatTopic({ kind: 'samples', uid })
    if (!this.#watched.has(name)) return
    const before = this.#samples.get(name) ?? { samples: [], skipped: 0 }
    const all = [...before.samples, ...samples]
    const left = Math.max(0, all.length - samplesMax)
    this.#samples.set(name, { samples: all.slice(left), skipped: before.skipped + left })
  }

  #noteNotes({ uid, event }: NotesChange): void {
    const name = formatTopic({ kind: 'notes', uid })
    if (!this.#watched.has(name)) return
    const before = this.#notes.get(name)
    this.#notes.set(name, before ? mergeNotes(before, event) : event)
  }

  #takeNotes(): LiveUpdate[] {
    const updates = [...this.#notes].map(([topic, data]): LiveUpdate => ({ topic, data }))
    this.#notes.clear()
    return updates
  }

  #takeSteering(): LiveUpdate[] {
    const updates = [...this.#steering].map(([uid, parts]): LiveUpdate => ({
      topic: formatTopic({ kind: 'steering', uid }),
      data: { parts: [...parts] } satisfies SteeringChange,
    }))
    this.#steering.clear()
    return updates
  }

  #takeSamples(): LiveUpdate[] {
    const updates = [...this.#samples].map(([topic, data]): LiveUpdate => ({ topic, data }))
    this.#samples.clear()
    const alerts = this.#alerts
    this.#alerts = []
    return alerts.length > 0 ? [...updates, { topic: 'alerts', data: { alerts } satisfies AlertsEvent }] : updates
  }

  #takePoints(): LiveUpdate[] {
    const updates = [...this.#points].map(([topic, { series, skipped }]): LiveUpdate => ({
      topic,
      data: { series, skipped } satisfies MetricsEvent,
    }))
    this.#points.clear()
    return updates
  }

  #takeLogs(): LiveUpdate[] {
    const updates = [...this.#logs].map(([topic, { event }]): LiveUpdate => ({ topic, data: event }))
    this.#logs.clear()
    return updates
  }
}

function addPoints(topic: PointsTopic, { block, from, clockOffsetMs }: PointsChange): void {
  const rows = block.steps.length
  block.keys.forEach((key, at) => {
    const values = block.values[at]
    if (!values) return
    // Whole runs only: a series with a hole in the middle could not be told from one in order.
    if (topic.points + rows > pointsMax) {
      topic.skipped += rows
      return
    }
    topic.points += rows
    topic.series.push({
      key,
      source: block.source,
      branch: block.branch,
      from: from[at] ?? 0,
      steps: Array.from(block.steps),
      times: Array.from(block.times, (time) => time - clockOffsetMs),
      epochs: Array.from(values, (_, row) => finiteOrNull(block.epochs?.[row])),
      values: toWireValues(values),
    })
  })
}
