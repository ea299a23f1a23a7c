/** The reports of one commit: each applied to what memory has of its job, then everything written at once. */
import {
  type LogLine,
  type MetricDefinition,
  type PointBlock,
  type Report,
  type ReportAck,
  isEnded,
  jobSource,
} from '@pilothouse/contract'
import type { SeriesBlock } from '@pilothouse/series'
import { findWandbRun } from '@pilothouse/signals'
import { AlertDraft, type RuleMove } from '../alerts/alert-draft.ts'
import { recordMoves } from '../alerts/record-moves.ts'
import { jobNotFound, mayWrite } from '../jobs/job-access.ts'
import { type JobChange, type KnownDetail, patchColumns } from '../jobs/job-patch.ts'
import { parseJson } from '../jobs/parse-json.ts'
import { readKnownDetail } from '../jobs/write-job.ts'
import { levelOf, streamOf } from '../logs/log-codec.ts'
import { takeLines } from '../logs/take-lines.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { AppendInput } from './append-reports.ts'
import { applyReport } from './apply-report.ts'
import { type Curves, foldPoints, foldStage } from './curves.ts'
import type { WorkingAttempt, WorkingJob, WorkingWriter } from './job-cache.ts'
import { loadWorkingAttempt, loadWorkingJob, loadWorkingWriter } from './load-working-job.ts'
import { ReportParts } from './report-parts.ts'
import { SteeringParts } from './steering-parts.ts'
import { writeWorkingJob } from './write-working-job.ts'
import { type AdmittedPoints, SeriesBound } from './series-bound.ts'
import { type NamedWandbRun, noteWandbRun } from '../wandb/note-wandb-run.ts'
import { addNumber, hasNumber } from './writer-numbers.ts'

type Working = { job: WorkingJob; attempt: WorkingAttempt; writer: WorkingWriter }

export type PointsFromElsewhere = {
  attempt: number
  points: readonly PointBlock[]
  patch: Report['job']
  /** Whether they move the card of the job, by what that shows. */
  isShown: (curves: Curves) => boolean
}

export class ReportGroup {
  readonly #context: StorageContext
  /** Jobs that a report of this group changed. */
  readonly #jobs = new Set<WorkingJob>()
  readonly #parts: ReportParts
  readonly #steering: SteeringParts
  readonly #bound: SeriesBound
  readonly #blocks: { block: SeriesBlock; uid: string; clockOffsetMs: number }[] = []
  readonly #alerts: AlertDraft
  readonly #wandbRuns: NamedWandbRun[] = []
  readonly #moves = new Map<WorkingJob, RuleMove[]>()

  constructor(context: StorageContext) {
    this.#context = context
    this.#parts = new ReportParts(context)
    this.#steering = new SteeringParts(context)
    this.#bound = new SeriesBound(context.series)
    this.#alerts = new AlertDraft(context.alerts)
  }

  /**
   * Takes a report in, or refuses it without a trace.
   * @throws PilothouseError `notFound`, `invalid`, `conflict` or `tooLarge`.
   */
  async add({ uid, actor }: Pick<AppendInput, 'uid' | 'actor'>, report: Report): Promise<ReportAck> {
    const { db, now } = this.#context
    const job = await this.#findJob(uid)
    if (!job || !mayWrite(actor, job.row)) throw jobNotFound(uid)
    const attempt = await loadWorkingAttempt(db, job, report.attempt)
    const writer = await loadWorkingWriter(db, attempt, report.writer)
    const repeated = hasNumber(writer.numbers, report.number)
    const leftOut = repeated ? [] : await this.#apply({ job, attempt, writer }, report)
    const ack = { number: report.number, repeated, serverTime: now(), state: attempt.state.attempt.state }
    return leftOut.length > 0 ? { ...ack, leftOut } : ack
  }

  /**
   * Takes points that somebody else has of a job: no word of its own, so nothing follows from it for its state. They move its
   * card only while it shows none of its own. Returns what finds no room, in words.
   * @throws PilothouseError `notFound` when the job is gone.
   */
  async addFromElsewhere(
    uid: string,
    { attempt: number, points, patch, isShown }: PointsFromElsewhere,
  ): Promise<string[]> {
    const job = await this.#findJob(uid)
    if (!job) throw jobNotFound(uid)
    const attempt = await loadWorkingAttempt(this.#context.db, job, number)
    const change = patch ? await this.#mergePatch(job, patch) : job.patch
    const admitted = await this.#bound.admit(job.row, points)
    if (change) takePatch(job, change)
    job.changed = true
    this.#jobs.add(job)
    this.#takePoints(job, attempt, admitted, isShown(job.curves))
    return [...admitted.leftOut]
  }

  /** Writes everything that the reports changed. */
  async write(): Promise<void> {
    for (const job of this.#jobs) {
      for (const attempt of job.attempts.values()) this.#noteLogs(job, attempt)
      await writeWorkingJob(this.#context, job)
    }
    await this.#parts.write()
    for (const named of this.#wandbRuns) await noteWandbRun(this.#context, named)
    await this.#steering.write()
    if (this.#blocks.length > 0) await this.#stagePoints()
    await this.#writeAlerts()
  }

  async #findJob(uid: string): Promise<WorkingJob | undefined> {
    const { db, jobs } = this.#context
    const known = jobs.get(uid)
    if (known) return known
    const loaded = await loadWorkingJob(db, uid)
    if (loaded) jobs.set(loaded)
    return loaded
  }

  /** Returns what of the report is not stored, in words. */
  async #apply({ job, attempt, writer }: Working, report: Report): Promise<string[]> {
    // What can throw comes first: until then nothing has changed.
    const numbers = addNumber(writer.numbers, report.number)
    const patch = report.job ? await this.#mergePatch(job, report.job) : job.patch
    const parts = await this.#parts.prepare(job, report)
    const points = await this.#bound.admit(job.row, report.points)
    const { next, takesPoints } = applyReport(attempt.state, { report, kind: job.row.kind, now: this.#context.now() })
    Object.assign(writer, { numbers, changed: true })
    Object.assign(attempt, { state: next, changed: true })
    if (patch) takePatch(job, patch)
    job.changed = true
    job.wasHeard = true
    this.#jobs.add(job)
    takeLogs(attempt, report)
    this.#noteWandbRuns(job, attempt.number, report)
    if (attempt.number === job.row.attempt) job.row.word_ms = lastWord(job.row.word_ms, report, this.#context.now())
    const by = { attempt: attempt.number, clockOffsetMs: next.attempt.clockOffsetMs ?? 0 }
    if (report.steering) this.#steering.take(job, report.steering, by)
    const leftOut = this.#parts.take(job, parts, by)
    if (takesPoints) this.#takePoints(job, attempt, points)
    if (report.stages.length > 0 && attempt.number === job.row.attempt) {
      const at = Math.max(...report.stages.map((event) => event.at)) - (next.attempt.clockOffsetMs ?? 0)
      job.curves = foldStage(job.curves, next.stages, at)
    }
    return takesPoints ? [...leftOut, ...points.leftOut] : leftOut
  }

  async #mergePatch(job: WorkingJob, patch: NonNullable<Report['job']>): Promise<JobChange> {
    const detail = job.detail ?? (await readKnownDetail(this.#context.db, job.row.id))
    const change = patchColumns(patch, job.row, detail)
    job.detail = { ...detail, ...pickKnown(change.detail) }
    return { job: { ...job.patch?.job, ...change.job }, detail: { ...job.patch?.detail, ...change.detail } }
  }

  #takePoints(job: WorkingJob, attempt: WorkingAttempt, admitted: AdmittedPoints, isOnCard = true): void {
    const { uid, id, branch } = job.row
    const clockOffsetMs = attempt.state.attempt.clockOffsetMs ?? 0
    const toServer = (at: number) => at - clockOffsetMs
    this.#bound.claim(job.row, admitted)
    for (const points of admitted.blocks) {
      if (points.steps.length === 0) continue
      this.#blocks.push({ block: { group: id, branch, ...points }, uid, clockOffsetMs })
      this.#watch(job, points, attempt)
      const isShown = isOnCard && points.source === jobSource && attempt.number === job.row.attempt
      if (isShown) job.curves = foldPoints(job.curves, points, { toServer, metrics: job.metrics })
    }
  }

  #noteWandbRuns(job: WorkingJob, attempt: number, report: Report): void {
    for (const { lines } of report.logs) {
      for (const line of lines) {
        const place = findWandbRun(line)
        if (place) this.#wandbRuns.push({ jobId: job.row.id, attempt, place })
      }
    }
  }

  #watch(job: WorkingJob, block: PointBlock, { state: { attempt } }: WorkingAttempt): void {
    const clockOffsetMs = attempt.clockOffsetMs ?? 0
    const isPaused = attempt.state === 'paused'
    const moves = this.#alerts.takePoints(job.row, { block, clockOffsetMs, isPaused, now: this.#context.now() })
    if (moves.length > 0) this.#moves.set(job, [...(this.#moves.get(job) ?? []), ...moves])
  }

  async #writeAlerts(): Promise<void> {
    for (const [job, moves] of this.#moves) await recordMoves(this.#context, this.#alerts, { job: job.row, moves })
    this.#context.changes.afterCommit.push(() => this.#alerts.keep())
  }

  /** Before the write: then the totals say where these lines begin. */
  #noteLogs({ row }: WorkingJob, { number, run, totals, open, storedOpen, state }: WorkingAttempt): void {
    const openNow = isEnded(state.attempt.state) ? null : open
    if (number !== row.attempt || (run.texts.length === 0 && openNow === storedOpen)) return
    const lines = run.texts.map((text, at): LogLine => {
      const flags = run.flags[at] ?? 0
      return { n: totals.lines + at, time: run.times[at] ?? 0, stream: streamOf(flags), level: levelOf(flags), text }
    })
    this.#context.changes.logs.push({ uid: row.uid, attempt: number, lines, open: openNow })
  }

  async #stagePoints(): Promise<void> {
    const { series, changes } = this.#context
    const staged = await series.stage(this.#blocks.map(({ block }) => block))
    changes.afterCommit.push(() => {
      staged.apply().forEach(({ block, from }, at) => {
        const known = this.#blocks[at]
        if (known) changes.points.push({ uid: known.uid, clockOffsetMs: known.clockOffsetMs, block, from })
      })
    })
  }
}

function pickKnown({ hardware, recipe, metrics }: JobChange['detail']): Partial<KnownDetail> {
  return {
    ...(hardware === undefined ? {} : { hardware }),
    ...(recipe === undefined ? {} : { recipe }),
    ...(metrics === undefined ? {} : { metrics }),
  }
}

/** Memory follows what will be written: later reports of the same commit build on it. */
function takePatch(job: WorkingJob, patch: JobChange): void {
  job.patch = patch
  const { name, project, model, dataset, group_name, job_type, tags } = { ...job.row, ...patch.job }
  Object.assign(job.row, { name, project, model, dataset, group_name, job_type, tags })
  if (typeof patch.detail.metrics === 'string') job.metrics = parseJson<MetricDefinition[]>(patch.detail.metrics)
}

/** A report that waited on a disk is an older word than one that comes straight. Both times are of the reporter's clock. */
function lastWord(known: number | null, { sentAt, madeAt = sentAt }: Report, now: number): number {
  return Math.max(known ?? 0, Math.round(now - Math.max(0, sentAt - madeAt)))
}

function takeLogs(attempt: WorkingAttempt, report: Report): void {
  for (const block of report.logs) {
    takeLines(attempt.run, block)
    attempt.open = block.open ?? null
  }
}
