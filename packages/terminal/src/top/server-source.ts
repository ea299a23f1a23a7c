/**
 * Jobs of a control room: their cards arrive by its live stream, logs and figures of GPUs are asked for of those that are
 * under way, and all the rest of the one that is looked at.
 */
import { type Client, type LiveStatus, openEventStream } from '@pilothouse/client'
import type { Alert, JobCard, JobsEvent } from '@pilothouse/contract'
import { isLive, PilothouseError } from '@pilothouse/contract/wire'
import type { Health, HealthProfile } from '@pilothouse/signals'
import { chooseJobs } from './jobs/choose-jobs.ts'
import { readJobDetail } from './jobs/job-detail.ts'
import { listJobEvents } from './jobs/job-events.ts'
import { type JobSight, judgeJob, takeUse, viewJobRow } from './jobs/job-row.ts'
import { type JobLook, lookAtJob, type LogPlace } from './jobs/look-at-job.ts'
import { tellJob } from './jobs/tell-job.ts'
import { type LookTarget, Lookout } from './lookout.ts'
import type { TopAction, TopDetail, TopSource, TopUpdate, TroubleKind } from './top-state.ts'
import type { TopTimers } from './top-timers.ts'

export type ServerSourceOptions = {
  client: Client
  /** Ended ones as well, however long ago. */
  all: boolean
  intervalMs: number
  profile: HealthProfile
  readOnly: boolean
  timers: TopTimers
}

const roundMs = 1_000
const watchedMs = 1_000
const detailMs = 5_000
const lookMsMax = 15_000
const looksMax = 4
/** Logs and GPUs of so many are looked at; the one that is watched always is. */
const lookedMax = 24
const gatherMs = 200
const lineLengthMax = 2_000
/** Cards that are kept: more than are shown, so that an old one that changes is known. */
const cardsMax = 1_000

/** A source of rows that listens to a control room. */
export function openServerSource(options: ServerSourceOptions): TopSource {
  return new ServerSource(options)
}

type Judged = { sight: JobSight; health: Health }

class ServerSource implements TopSource {
  readonly label: string
  readonly floorMs = null
  readonly #options: ServerSourceOptions
  readonly #jobs = new Map<string, Judged>()
  readonly #looks: Lookout<JobLook>
  readonly #details: Lookout<TopDetail>
  readonly #undos: (() => void)[] = []
  #tell: (update: TopUpdate) => void = () => undefined
  #trouble: string | null = null
  #since = 0
  #toldAt = 0
  #watched: string | null = null
  /** Ended since they were looked at last: why they failed stands in their last lines. */
  readonly #unread = new Set<string>()
  #undoRound: () => void = () => undefined
  #undoGather: (() => void) | null = null

  constructor(options: ServerSourceOptions) {
    const { client, timers, intervalMs } = options
    this.#options = options
    this.label = `control room ${client.baseUrl}`
    const usual = { timers, looksMax, lookMsMax }
    this.#looks = new Lookout({
      ...usual,
      intervalMs,
      onLook: (uid, look) => this.#takeLook(uid, look),
      // What is wrong with the whole is told by the stream; what is wrong with one look goes by.
      onFailure: () => undefined,
    })
    this.#details = new Lookout({
      ...usual,
      intervalMs: detailMs,
      onLook: (_, detail) => this.#tell({ type: 'detail', detail }),
      onFailure: () => undefined,
    })
  }

  start(tell: (update: TopUpdate) => void): void {
    const { client, timers } = this.#options
    this.#tell = tell
    this.#since = timers.now()
    const onError = (error: Error): void => this.#takeError(error)
    this.#undos.push(
      openEventStream(client, {
        topic: 'jobs',
        onEvent: (event) => this.#takeCards(event),
        onReset: () => void this.#readCards(),
        onStatus: (status) => this.#takeStatus(status),
        onError,
      }),
      openEventStream(client, {
        topic: 'alerts',
        onEvent: ({ alerts }) => this.#takeAlerts(alerts),
        onReset: () => undefined,
      }),
    )
    this.#round()
  }

  refresh(): void {
    this.#looks.hurry()
    this.#details.hurry()
    void this.#readCards()
    this.#lookAround()
  }

  watch(rowId: string | null): void {
    this.#watched = rowId
    this.#lookAround()
  }

  act(rowId: string, action: TopAction): Promise<string> {
    const { client, readOnly, timers } = this.#options
    if (readOnly) return Promise.reject(new Error('This screen only looks: it was started with --read-only.'))
    return tellJob(client, rowId, action, timers)
  }

  close(): Promise<void> {
    for (const undo of this.#undos.splice(0)) undo()
    this.#undoRound()
    this.#undoGather?.()
    this.#undoGather = () => undefined
    this.#looks.close()
    this.#details.close()
    this.#tell = () => undefined
    return Promise.resolve()
  }

  /** Costs and times to go move on by themselves, and what is not heard of grows stale. */
  #round(): void {
    const { timers, intervalMs } = this.#options
    this.#undoRound = timers.after(roundMs, () => this.#round())
    for (const { sight } of this.#jobs.values()) if (isLive(sight.card.state)) this.#put(sight)
    if (timers.now() - this.#toldAt >= intervalMs) this.#gather()
    this.#lookAround()
  }

  async #readCards(): Promise<void> {
    const { client, all } = this.#options
    try {
      const [current, past] = await Promise.all([
        client.call('jobs.current', { query: { limit: '200' } }),
        client.call('jobs.past', { query: { limit: all ? '200' : '50', sort: 'ended' } }),
      ])
      const cards = [...current.jobs, ...past.jobs]
      const uids = new Set(cards.map(({ uid }) => uid))
      for (const uid of this.#jobs.keys()) if (!uids.has(uid)) this.#jobs.delete(uid)
      this.#takeCards({ jobs: cards, removed: [] })
      this.#takeTrouble(null)
    } catch (error) {
      this.#takeError(error)
    }
  }

  #takeCards({ jobs, removed }: JobsEvent): void {
    for (const uid of removed) {
      this.#jobs.delete(uid)
      this.#unread.delete(uid)
    }
    for (const card of jobs) this.#takeCard(card)
    this.#shrink()
    this.#lookAround()
    this.#gather()
  }

  #takeCard(card: JobCard): void {
    const known = this.#jobs.get(card.uid)
    if (known && known.sight.card.version > card.version) return
    if (!isLive(card.state) && (known ? isLive(known.sight.card.state) : this.#endedLately(card))) {
      this.#unread.add(card.uid)
      this.#looks.hurry(card.uid)
    }
    this.#put(known ? { ...known.sight, card } : { card, use: null, idleSince: null, kinds: null })
  }

  #endedLately({ endedAt }: JobCard): boolean {
    return endedAt !== null && endedAt >= this.#since
  }

  #put(sight: JobSight): void {
    const { timers, profile } = this.#options
    const now = timers.now()
    const before = this.#jobs.get(sight.card.uid)
    const after = { sight, health: judgeJob(sight, profile, now) }
    this.#jobs.set(sight.card.uid, after)
    for (const event of before ? listJobEvents(before, after, now) : []) this.#tell(event)
  }

  /** Keeps those that would be shown first. */
  #shrink(): void {
    if (this.#jobs.size <= cardsMax) return
    const kept = new Set(this.#choose().map(({ uid }) => uid))
    for (const uid of this.#jobs.keys()) if (!kept.has(uid)) this.#jobs.delete(uid)
  }

  #choose(): JobCard[] {
    const { timers, all } = this.#options
    return chooseJobs(
      Array.from(this.#jobs.values(), ({ sight }) => sight.card),
      { now: timers.now(), all },
    )
  }

  #lookAround(): void {
    const watched = this.#watched === null ? undefined : this.#jobs.get(this.#watched)?.sight.card
    const others = this.#choose().filter(({ uid }) => uid !== watched?.uid)
    const ended = others.filter(({ uid }) => this.#unread.has(uid))
    const live = others.filter(({ state }) => isLive(state))
    const looked = [...(watched ? [watched] : []), ...[...ended, ...live].slice(0, lookedMax)]
    this.#looks.visit(looked.map(({ uid }) => this.#makeLook(uid)))
    this.#details.visit(watched ? [this.#makeDetail(watched.uid)] : [])
  }

  #makeLook(uid: string): LookTarget<JobLook> {
    const { client, timers, intervalMs } = this.#options
    return {
      key: uid,
      intervalMs: uid === this.#watched ? Math.min(watchedMs, intervalMs) : intervalMs,
      look: (place, signal) =>
        lookAtJob(client, uid, { place: place as LogPlace | null, now: () => timers.now(), signal }), // what it gave before
    }
  }

  #makeDetail(uid: string): LookTarget<TopDetail> {
    const { client } = this.#options
    return { key: uid, look: async (_, signal) => ({ found: await readJobDetail(client, uid, signal), place: null }) }
  }

  #takeLook(uid: string, { lines, use, kinds }: JobLook): void {
    const found = this.#jobs.get(uid)
    if (found === undefined) return
    if (!isLive(found.sight.card.state)) this.#unread.delete(uid)
    this.#put({ ...takeUse(found.sight, use, this.#options.profile.idleTo), kinds })
    const told = lines.map(({ time, text }) => ({ rowId: uid, at: time, text: text.slice(0, lineLengthMax) }))
    if (told.length > 0) this.#tell({ type: 'lines', lines: told })
    this.#gather()
  }

  /** Only what is raised from now on. */
  #takeAlerts(alerts: readonly Alert[]): void {
    for (const { time, status, level, title, text, job } of alerts) {
      if (status !== 'raised' || time < this.#since) continue
      const words = text === '' ? title : `${title}: ${text}`
      this.#tell({ type: 'event', at: time, level, text: `${job.name} (${job.uid}): ${words}` })
    }
  }

  #takeStatus({ state }: LiveStatus): void {
    const isLost = state !== 'live'
    this.#takeTrouble(isLost ? `${this.#options.client.baseUrl} does not answer; it is tried again.` : null)
  }

  #takeError(error: unknown): void {
    if (!(error instanceof PilothouseError)) return this.#takeTrouble(String(error))
    const isRefused = error.status === 401 || error.status === 403
    this.#takeTrouble(error.hint ? `${error.message} ${error.hint}` : error.message, isRefused ? 'refused' : 'away')
  }

  #takeTrouble(text: string | null, kind: TroubleKind = 'away'): void {
    if (text === this.#trouble) return
    this.#trouble = text
    this.#tell({ type: 'trouble', text, kind, at: this.#options.timers.now() })
    this.#gather()
  }

  #gather(): void {
    this.#undoGather ??= this.#options.timers.after(gatherMs, () => {
      this.#undoGather = null
      this.#tellRows()
    })
  }

  #tellRows(): void {
    const { timers, profile, readOnly } = this.#options
    const now = timers.now()
    this.#toldAt = now
    const context = { now, profile, readOnly, trouble: this.#trouble }
    const sights = this.#choose().map(({ uid }) => this.#jobs.get(uid)?.sight)
    const rows = sights.filter((one) => one !== undefined).map((sight) => viewJobRow(sight, context))
    this.#tell({ type: 'rows', rows, at: now })
  }
}
