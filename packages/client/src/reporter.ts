/**
 * Sends what a job says to the server, in numbered reports, and never stands in the way of the job: every call returns at
 * once, nothing throws.
 *
 * What is added gathers in drafts. A draft becomes a report, with the next number, when it is sent: at most `flushMs` after
 * something was added, else every `heartbeatMs`. One report is under way at a time, and it is repeated with the same
 * number and the same content until the server has answered; only `sentAt` is taken anew, because the server measures
 * the clock by it. Drafts have a role each, because the server trusts an `exit` in other things than a `parser`.
 *
 * While the server is away the drafts wait, up to `bufferBytesMax`. At that limit the oldest lines and points go; where
 * they were, one log line says how many. State, stages and fields of the job are always kept.
 */
import type { JobPatch, LogStream, Report, ReportAck, ReportRole, StageEvent, StateEvent } from '@pilothouse/contract'
import { encodeReport, jobSource, limits } from '@pilothouse/contract/wire'
import { type Draft, addToBlock, addToLog, addToStages, cutLine, emptyDraft, isEmpty } from './report-draft.ts'

export const reporterLimits = {
  /** Longest wait between adding and sending, ms. */
  flushMs: 100,
  /** A report goes out at least this often, empty if need be, ms. */
  heartbeatMs: 10_000,
  /** Estimated size of everything that waits. Above: the oldest lines and points go, and are counted. */
  bufferBytesMax: 32 * 1024 * 1024,
  /** Estimated size of one report. Above: another is begun. */
  draftBytesMax: 512 * 1024,
  draftLinesMax: 10_000,
  /** First and longest wait before a report is tried again, ms. */
  retryFirstMs: 500,
  retryMaxMs: 30_000,
} as const

/** Sends one frame. Rejects with an error that has the answer's `status`, or with any other when there was no answer. */
export type ReportSend = (bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal) => Promise<ReportAck>

/** Time and chance, so that tests decide them. */
export type ReporterClock = {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs once after a while; the answer takes it back. */
  setTimer(run: () => void, delayMs: number): () => void
  /** 0 … 1. */
  random(): number
}

export type ReporterOptions = {
  attempt: number
  /** Unique for the attempt; made up by the caller at its start. */
  writer: string
  /** Who speaks when nothing else is said. */
  role: ReportRole
  send: ReportSend
  clock?: ReporterClock
  /** Says, in a sentence, what the user should know: the server is away, is back, refuses a report. */
  warn?: (message: string) => void
  /** Called with each answer; `state` tells whether somebody cancelled the job. */
  onAck?: (ack: ReportAck) => void
  limits?: Partial<{ [Name in keyof typeof reporterLimits]: number }>
}

export type ReporterPoint = {
  /** The job itself when absent. */
  source?: string
  step: number
  epoch?: number | null
  /** Client's clock, ms; now when absent. */
  time?: number
  metrics: ReadonlyMap<string, number> | Readonly<Record<string, number>>
  role?: ReportRole
}

export type ReporterCounts = {
  reportsSent: number
  /** Refused by the server for good. */
  reportsRefused: number
  linesDropped: number
  pointsDropped: number
  /** Not yet acknowledged. */
  linesWaiting: number
  pointsWaiting: number
}

const ownClock: ReporterClock = {
  now: () => Date.now(),
  setTimer: (run, delayMs) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/** What was dropped right before the oldest draft. */
type Loss = { lines: number; points: number }

export class Reporter {
  readonly #options: Required<Pick<ReporterOptions, 'clock' | 'warn' | 'onAck'>> & ReporterOptions
  readonly #limits: { [Name in keyof typeof reporterLimits]: number }
  readonly #abort = new AbortController()
  readonly #counts = { reportsSent: 0, reportsRefused: 0, linesDropped: 0, pointsDropped: 0 }
  readonly #openLines = new Map<LogStream, string | null>()
  /** Streams whose line under way the server shows. */
  readonly #shownLines = new Set<LogStream>()
  readonly #warned = new Set<string>()
  #drafts: Draft[] = []
  #waitingBytes = 0
  #loss: Loss | null = null
  /** The report under way, with what it was made of. */
  #current: { report: Omit<Report, 'sentAt'>; draft: Draft } | null = null
  #number = 0
  #failures = 0
  #sending = false
  #stopTimer: (() => void) | null = null
  /** When the running timer goes off. */
  #timerAt = Infinity
  #idle: (() => void) | null = null
  #closed = false

  constructor(options: ReporterOptions) {
    this.#options = { clock: ownClock, warn: () => undefined, onAck: () => undefined, ...options }
    this.#limits = { ...reporterLimits, ...options.limits }
    this.#schedule(this.#limits.heartbeatMs)
  }

  /** One whole line without its line end; a longer one than the wire takes is cut. */
  addLine(stream: LogStream, text: string, time = this.#options.clock.now()): void {
    const line = cutLine(text)
    const draft = this.#draftFor(this.#options.role, line.length * 2 + 16)
    addToLog(draft, stream, { line, time })
    // A progress bar that was shown has ended with this line.
    if (this.#shownLines.delete(stream)) this.#openLines.set(stream, null)
    else this.#openLines.delete(stream)
    this.#settle()
  }

  /** The line under way, as a progress bar redraws it; replaced by the next, never stored. */
  setOpenLine(stream: LogStream, text: string | null): void {
    if (this.#openLines.get(stream) === text) return
    this.#openLines.set(stream, text === null ? null : cutLine(text))
    this.#soon()
  }

  /** One row of values at a step. Names that the wire refuses are left out. */
  addPoint({ source = jobSource, step, epoch = null, time, metrics, role }: ReporterPoint): void {
    const fitting = listEntries(metrics).filter(([key]) => key !== '' && key.length * 3 <= limits.keyBytesMax)
    if (fitting.length === 0 || !Number.isFinite(step)) return
    const draft = this.#draftFor(role ?? this.#options.role, fitting.length * 8 + 24)
    const at = time ?? this.#options.clock.now()
    addToBlock(draft, { source, step, epoch, at, entries: fitting })
    this.#settle()
  }

  /** A change of a stage. Of several for one stage between two reports the last figures count. */
  addStage(event: Omit<StageEvent, 'at'> & { at?: number }, role = this.#options.role): void {
    addToStages(this.#draftFor(role, 64), { ...event, at: event.at ?? this.#options.clock.now() })
    this.#settle()
  }

  /** Fields of the job that changed. */
  patchJob(patch: JobPatch, role = this.#options.role): void {
    const draft = this.#draftFor(role, JSON.stringify(patch).length * 2)
    draft.job = { ...draft.job, ...patch }
    this.#settle()
  }

  /** The job began, pauses or ended. Goes behind everything added so far. */
  setState(state: Omit<StateEvent, 'at'> & { at?: number }, role: ReportRole = this.#options.role): void {
    const draft = this.#newDraft(role)
    draft.state = { ...state, at: state.at ?? this.#options.clock.now() }
    this.#settle()
  }

  get counts(): ReporterCounts {
    const waiting = [...this.#drafts, ...(this.#current === null ? [] : [this.#current.draft])]
    return {
      ...this.#counts,
      linesWaiting: waiting.reduce((sum, draft) => sum + draft.lines, 0),
      pointsWaiting: waiting.reduce((sum, draft) => sum + draft.values, 0),
    }
  }

  /**
   * Sends what waits, for at most so long, and ends. Resolves with the final counts: `linesWaiting` and `pointsWaiting`
   * say what the server did not acknowledge in time. Nothing can be added afterwards.
   */
  async close(deadlineMs: number): Promise<ReporterCounts> {
    if (this.#closed) return this.counts
    this.#closed = true
    this.#openLines.clear()
    await new Promise<void>((resolve) => {
      const stop = this.#options.clock.setTimer(resolve, deadlineMs)
      this.#idle = () => {
        stop()
        resolve()
      }
      this.#failures = Math.min(this.#failures, 1)
      this.#unschedule()
      this.#pump()
    })
    this.#idle = null
    this.#unschedule()
    this.#abort.abort()
    return this.counts
  }

  /** Where something of so many bytes is to be added. */
  #draftFor(role: ReportRole, bytes: number): Draft {
    const known = this.#drafts.findLast((draft) => draft.role === role)
    const { draftBytesMax, draftLinesMax } = this.#limits
    const fits = known !== undefined && known.bytes + bytes <= draftBytesMax && known.lines < draftLinesMax
    const draft = fits && known.state === undefined ? known : this.#newDraft(role)
    draft.bytes += bytes
    this.#waitingBytes += bytes
    return draft
  }

  #newDraft(role: ReportRole): Draft {
    const draft = emptyDraft(role)
    if (!this.#closed) this.#drafts.push(draft)
    return draft
  }

  #settle(): void {
    while (this.#waitingBytes > this.#limits.bufferBytesMax && this.#dropOldest()) continue
    this.#soon()
  }

  /** Empties the oldest draft of its lines and points; false when there is nothing more to drop. */
  #dropOldest(): boolean {
    const oldest = this.#drafts.find((draft) => draft.lines > 0 || draft.values > 0)
    if (oldest === undefined) return false
    this.#loss ??= { lines: 0, points: 0 }
    this.#loss.lines += oldest.lines
    this.#loss.points += oldest.values
    this.#counts.linesDropped += oldest.lines
    this.#counts.pointsDropped += oldest.values
    this.#waitingBytes -= oldest.bytes
    Object.assign(oldest, { logs: [], points: [], lines: 0, values: 0, bytes: 0 })
    if (isEmpty(oldest)) this.#drafts = this.#drafts.filter((draft) => draft !== oldest)
    return true
  }

  /** Sends within `flushMs`, unless a failed report waits for its turn. */
  #soon(): void {
    if (!this.#closed && !this.#sending && this.#failures === 0) this.#schedule(this.#limits.flushMs)
  }

  #schedule(delayMs: number): void {
    const at = this.#options.clock.now() + delayMs
    if (at >= this.#timerAt) return
    this.#unschedule()
    this.#timerAt = at
    this.#stopTimer = this.#options.clock.setTimer(() => {
      this.#timerAt = Infinity
      this.#pump()
    }, delayMs)
  }

  #unschedule(): void {
    this.#stopTimer?.()
    this.#stopTimer = null
    this.#timerAt = Infinity
  }

  /** Sends the next report, if none is under way. */
  #pump(): void {
    if (this.#sending) return
    this.#current ??= this.#takeReport()
    if (this.#current === null) {
      this.#idle?.()
      return
    }
    this.#sending = true
    void this.#deliver(this.#current.report).finally(() => {
      this.#sending = false
      if (this.#abort.signal.aborted) return
      if (this.#failures > 0) this.#schedule(this.#retryDelay)
      else if (this.#closed || this.#drafts.length > 1) this.#pump()
      else this.#schedule(this.#drafts.length > 0 ? this.#limits.flushMs : this.#limits.heartbeatMs)
    })
  }

  #retryDelay = 0

  async #deliver(report: Omit<Report, 'sentAt'>): Promise<void> {
    let ack: ReportAck
    try {
      const bytes = encodeReport({ ...report, sentAt: this.#options.clock.now() })
      ack = await this.#options.send(bytes, this.#abort.signal)
    } catch (error) {
      if (this.#abort.signal.aborted) return
      if (isFinal(error)) this.#refuse(error)
      else this.#postpone(error)
      return
    }
    if (this.#failures > 0) this.#options.warn('The server is back; what waited is being sent.')
    this.#finish()
    this.#counts.reportsSent += 1
    this.#options.onAck(ack)
  }

  #finish(): void {
    this.#waitingBytes -= this.#current?.draft.bytes ?? 0
    this.#current = null
    this.#failures = 0
    this.#warned.delete('away')
  }

  #refuse(error: unknown): void {
    this.#finish()
    this.#counts.reportsRefused += 1
    const why = describe(error)
    this.#warnOnce(why, `The server refused a report, which is left out: ${why}`)
  }

  #postpone(error: unknown): void {
    const { retryFirstMs, retryMaxMs } = this.#limits
    const full = Math.min(retryMaxMs, retryFirstMs * 2 ** Math.min(this.#failures, 16))
    this.#failures += 1
    this.#retryDelay = Math.max(full * (0.5 + this.#options.clock.random() / 2), retryAfter(error))
    this.#warnOnce('away', `The server cannot take reports now; they wait and are sent later. ${describe(error)}`)
  }

  #warnOnce(key: string, message: string): void {
    if (this.#warned.has(key)) return
    this.#warned.add(key)
    this.#options.warn(message)
  }

  /** Makes the oldest draft, or an empty one as heartbeat, the report under way. */
  #takeReport(): { report: Omit<Report, 'sentAt'>; draft: Draft } | null {
    const first = this.#drafts.shift()
    if (first === undefined && this.#closed) return null
    const draft = first ?? emptyDraft(this.#options.role)
    this.#tellLoss(draft)
    if (draft.role === this.#options.role) this.#takeOpenLines(draft)
    this.#number += 1
    const { attempt, writer } = this.#options
    const { role, logs, points, stages, job, state } = draft
    const extras = { ...(job === undefined ? {} : { job }), ...(state === undefined ? {} : { state }) }
    return { report: { attempt, writer, number: this.#number, role, logs, points, stages, ...extras }, draft }
  }

  #tellLoss(draft: Draft): void {
    if (this.#loss === null) return
    const { lines, points } = this.#loss
    this.#loss = null
    const mebibytes = Math.round(this.#limits.bufferBytesMax / 1024 ** 2)
    const text = `pilothouse: ${lines} lines and ${points} values are missing here: the server was away and the buffer of ${mebibytes} MiB was full`
    draft.logs.unshift({
      stream: 'stderr',
      times: [draft.logs[0]?.times[0] ?? this.#options.clock.now()],
      lines: [text],
    })
  }

  #takeOpenLines(draft: Draft): void {
    for (const [stream, text] of this.#openLines) {
      if (text !== null) this.#shownLines.add(stream)
      const block = draft.logs.findLast((one) => one.stream === stream)
      if (block === undefined) draft.logs.push({ stream, times: [], lines: [], open: text ?? '' })
      else block.open = text ?? ''
    }
    this.#openLines.clear()
  }
}

function listEntries(metrics: ReporterPoint['metrics']): [string, number][] {
  const entries: [string, number][] = []
  if (isMap(metrics)) metrics.forEach((value, key) => entries.push([key, value]))
  else entries.push(...Object.entries(metrics))
  return entries
}

function isMap(metrics: ReporterPoint['metrics']): metrics is ReadonlyMap<string, number> {
  return metrics instanceof Map
}

/** True when trying again cannot help. */
function isFinal(error: unknown): boolean {
  const status = statusOf(error)
  if (status === undefined || status < 400 || status >= 500) return false
  return status !== 401 && status !== 408 && status !== 429
}

function statusOf(error: unknown): number | undefined {
  return numberIn(error, 'status')
}

function retryAfter(error: unknown): number {
  return numberIn(error, 'retryAfterMs') ?? 0
}

function numberIn(error: unknown, name: string): number | undefined {
  if (typeof error !== 'object' || error === null || !(name in error)) return undefined
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'number' ? value : undefined
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
