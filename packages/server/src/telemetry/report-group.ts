/** The state of all jobs that a group of reports touches, between reading and writing them. */
import { type LogLine, PilothouseError, type Report, type ReportAck, isEnded, jobSource } from '@pilothouse/contract'
import type { SeriesBlock } from '@pilothouse/series'
import { jobNotFound, mayWrite } from '../jobs/job-access.ts'
import { type JobColumns, patchColumns } from '../jobs/job-patch.ts'
import type { JobRow } from '../jobs/read-job.ts'
import { updateJob } from '../jobs/write-job.ts'
import { appendLines } from '../logs/append-lines.ts'
import { type LogRun, levelOf, streamOf } from '../logs/log-codec.ts'
import { takeLines } from '../logs/take-lines.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { AppendInput } from './append-reports.ts'
import { type AttemptState, applyReport } from './apply-report.ts'
import { activeStage } from './stages.ts'
import { type Curves, foldPoints, foldStage, readCurves, writeCurves } from './curves.ts'
import {
  type AttemptRow,
  attemptColumns,
  logColumns,
  readAttempt,
  readStages,
  readWriter,
  toAttemptFacts,
  toLogTotals,
  writeAttempt,
  writeStages,
  writeWriter,
} from './telemetry-rows.ts'
import { type WriterNumbers, addNumber, hasNumber } from './writer-numbers.ts'

type WorkingJob = {
  row: JobRow
  /** Columns set by patches. */
  columns: JobColumns
  curves: Curves
  attempts: Map<number, WorkingAttempt>
  changed: boolean
}

type WorkingAttempt = {
  row: AttemptRow
  state: AttemptState
  before: AttemptState
  writers: Map<string, { numbers: WriterNumbers; changed: boolean }>
  run: LogRun
  /** The line under way; undefined while no report of the group spoke of it. */
  open: string | null | undefined
  ended: boolean
  changed: boolean
}

export class ReportGroup {
  readonly #context: StorageContext
  readonly #jobs = new Map<string, WorkingJob>()
  readonly #blocks: { block: SeriesBlock; uid: string; clockOffsetMs: number }[] = []

  constructor(context: StorageContext) {
    this.#context = context
  }

  /**
   * Takes a report in, or refuses it without a trace.
   * @throws PilothouseError `notFound`, `invalid`, `conflict` or `tooLarge`.
   */
  async add({ uid, actor }: Pick<AppendInput, 'uid' | 'actor'>, report: Report): Promise<ReportAck> {
    const job = await this.#findJob(uid)
    if (!job || !mayWrite(actor, job.row)) throw jobNotFound(uid)
    const attempt = await this.#findAttempt(job, report.attempt)
    const writer = await this.#findWriter(attempt, report.writer)
    const repeated = hasNumber(writer.numbers, report.number)
    if (!repeated) this.#apply({ job, attempt, writer, report })
    return { number: report.number, repeated, serverTime: this.#context.now(), state: attempt.state.attempt.state }
  }

  /** Writes everything that the reports changed. */
  async write(): Promise<void> {
    for (const job of this.#jobs.values()) {
      if (job.changed) await this.#writeJob(job)
    }
    if (this.#blocks.length > 0) await this.#stagePoints()
  }

  #apply({
    job,
    attempt,
    writer,
    report,
  }: {
    job: WorkingJob
    attempt: WorkingAttempt
    writer: { numbers: WriterNumbers; changed: boolean }
    report: Report
  }): void {
    // What can throw comes first: until here nothing has changed.
    const numbers = addNumber(writer.numbers, report.number)
    const patched = report.job
      ? { ...job.columns, ...patchColumns(report.job, { ...job.row, ...job.columns } as JobRow) }
      : job.columns // patches set whole columns
    const now = this.#context.now()
    const effects = applyReport(attempt.state, { report, kind: job.row.kind, now })
    Object.assign(writer, { numbers, changed: true })
    Object.assign(job, { columns: patched, changed: true })
    Object.assign(attempt, { state: effects.next, changed: true, ended: attempt.ended || effects.ended })
    this.#takeLogs(attempt, report)
    if (effects.takesPoints) this.#takePoints(job, attempt, report)
    if (report.stages.length > 0 && report.attempt === job.row.attempt) {
      const at = Math.max(...report.stages.map((event) => event.at)) - (effects.next.attempt.clockOffsetMs ?? 0)
      job.curves = foldStage(job.curves, effects.next.stages, at)
    }
  }

  #takeLogs(attempt: WorkingAttempt, report: Report): void {
    for (const block of report.logs) {
      takeLines(attempt.run, block)
      attempt.open = block.open ?? null
    }
  }

  #takePoints(job: WorkingJob, attempt: WorkingAttempt, report: Report): void {
    const { uid, id, branch } = job.row
    const clockOffsetMs = attempt.state.attempt.clockOffsetMs ?? 0
    const toServer = (at: number) => at - clockOffsetMs
    for (const points of report.points) {
      if (points.steps.length === 0) continue
      this.#blocks.push({ block: { group: id, branch, ...points }, uid, clockOffsetMs })
      if (points.source === jobSource && attempt.row.number === job.row.attempt) {
        job.curves = foldPoints(job.curves, points, toServer)
      }
    }
  }

  async #findJob(uid: string): Promise<WorkingJob | undefined> {
    const known = this.#jobs.get(uid)
    if (known) return known
    const row = await this.#context.db.selectFrom('job').selectAll().where('uid', '=', uid).executeTakeFirst()
    if (!row) return undefined
    const job: WorkingJob = { row, columns: {}, curves: readCurves(row), attempts: new Map(), changed: false }
    this.#jobs.set(uid, job)
    return job
  }

  async #findAttempt(job: WorkingJob, number: number): Promise<WorkingAttempt> {
    const known = job.attempts.get(number)
    if (known) return known
    const key = { jobId: job.row.id, attempt: number }
    const row = await readAttempt(this.#context.db, key)
    if (!row) {
      throw new PilothouseError('invalid', `The job «${job.row.uid}» has no attempt ${number}.`, {
        field: 'attempt',
        expected: 'the number that PUT /api/jobs/{uid} answered',
      })
    }
    const state = { attempt: toAttemptFacts(row), stages: await readStages(this.#context.db, key) }
    const run = { times: [], flags: [], texts: [] }
    const attempt: WorkingAttempt = {
      row,
      state,
      before: state,
      writers: new Map(),
      run,
      open: undefined,
      ended: false,
      changed: false,
    }
    job.attempts.set(number, attempt)
    return attempt
  }

  async #findWriter(attempt: WorkingAttempt, writer: string) {
    const known = attempt.writers.get(writer)
    if (known) return known
    const key = { jobId: attempt.row.job_id, attempt: attempt.row.number }
    const found = { numbers: await readWriter(this.#context.db, key, writer), changed: false }
    attempt.writers.set(writer, found)
    return found
  }

  async #writeJob(job: WorkingJob): Promise<void> {
    const { db, now, changes } = this.#context
    for (const attempt of job.attempts.values()) {
      if (attempt.changed) await this.#writeAttempt(job, attempt)
    }
    const current = job.attempts.get(job.row.attempt)
    const columns = {
      ...job.columns,
      ...writeCurves(job.curves),
      ...(current ? columnsOfCurrent(job.row, current.state) : {}),
    }
    await updateJob(db, job.row.id, { ...columns, heard_ms: now() })
    changes.jobs.add(job.row.id)
    if (current?.ended) changes.ended.add(job.row.id)
  }

  async #writeAttempt(job: WorkingJob, attempt: WorkingAttempt): Promise<void> {
    const { db, now } = this.#context
    const key = { jobId: job.row.id, attempt: attempt.row.number }
    const { state, before, open, run } = attempt
    const totals =
      run.texts.length > 0 ? await appendLines(db, { ...key, totals: toLogTotals(attempt.row) }, run) : undefined
    const ended = isEnded(state.attempt.state)
    const openColumn = ended ? { log_open: null } : open === undefined ? {} : { log_open: open }
    await writeAttempt(db, key, {
      ...attemptColumns(state.attempt),
      ...(totals ? logColumns(totals) : {}),
      ...openColumn,
      heard_ms: now(),
    })
    if (state.stages !== before.stages) await writeStages(db, key, state.stages)
    for (const [writer, { numbers, changed }] of attempt.writers) {
      if (changed) await writeWriter(db, { ...key, writer }, numbers)
    }
    this.#noteLogs(job, attempt, ended)
  }

  #noteLogs(job: WorkingJob, { row, run, open }: WorkingAttempt, ended: boolean): void {
    if (row.number !== job.row.attempt || (run.texts.length === 0 && open === undefined && !ended)) return
    const lines = run.texts.map((text, at): LogLine => {
      const flags = run.flags[at] ?? 0
      return { n: row.log_lines + at, time: run.times[at] ?? 0, stream: streamOf(flags), level: levelOf(flags), text }
    })
    this.#context.changes.logs.push({
      uid: job.row.uid,
      attempt: row.number,
      lines,
      open: ended ? null : open === undefined ? row.log_open : open,
    })
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

/** What a job shows of its current attempt. */
function columnsOfCurrent(row: JobRow, { attempt, stages }: AttemptState): JobColumns {
  const { state, startedMs, endedMs, error, clockOffsetMs } = attempt
  return {
    state,
    ...(state === row.state ? {} : { state_reason: null }),
    started_ms: row.started_ms ?? startedMs,
    ended_ms: endedMs,
    error: error === null ? null : JSON.stringify(error),
    error_message: error === null ? null : (error.message.split('\n', 1)[0] ?? ''),
    stage: activeStage(stages),
    clock_offset_ms: clockOffsetMs,
  }
}
