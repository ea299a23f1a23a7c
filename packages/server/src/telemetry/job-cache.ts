/**
 * Jobs as the intake works with them, kept between commits: a report of a job that reports all the time costs no query.
 * All writing goes through one thread, so an entry is right until another operation changes its job, or a commit fails.
 */
import type { MetricDefinition } from '@pilothouse/contract'
import type { LogTotals } from '../logs/append-lines.ts'
import type { LogRun } from '../logs/log-codec.ts'
import type { JobChange, KnownDetail } from '../jobs/job-patch.ts'
import type { JobRow } from '../jobs/read-job.ts'
import type { KeyTotals } from '../samples/store-samples.ts'
import type { AttemptState } from './apply-report.ts'
import type { Curves } from './curves.ts'
import type { WriterNumbers } from './writer-numbers.ts'

/** Jobs in memory, each about 5–10 kB. Beyond it those that reported least recently are read again when they do. */
const jobsMax = 2_000

/** What the intake needs of a job's row, kept up to date with what it writes. */
export type WorkingRow = Pick<
  JobRow,
  | 'id'
  | 'uid'
  | 'kind'
  | 'owner_id'
  | 'name'
  | 'project'
  | 'model'
  | 'dataset'
  | 'group_name'
  | 'job_type'
  | 'tags'
  | 'state'
  | 'state_reason'
  | 'started_ms'
  | 'ended_ms'
  | 'word_ms'
  | 'error_message'
  | 'stage'
  | 'attempt'
  | 'branch'
>

export type WorkingWriter = { numbers: WriterNumbers; changed: boolean }

export type WorkingAttempt = {
  jobId: number
  number: number
  state: AttemptState
  /** As it stands in the database. */
  stored: AttemptState
  totals: LogTotals
  writers: Map<string, WorkingWriter>
  /** Lines that wait for the commit. */
  run: LogRun
  /** The line under way. */
  open: string | null
  storedOpen: string | null
  changed: boolean
}

export type WorkingJob = {
  row: WorkingRow
  /** What patches are merged with; read when a report speaks of it. */
  detail: KnownDetail | undefined
  /** What the script said of its metrics. */
  metrics: readonly MetricDefinition[]
  /** What it has under each key of samples; read when a report brings some. */
  sampleTotals: KeyTotals | undefined
  /** Columns set by patches of this commit. */
  patch: JobChange | undefined
  curves: Curves
  attempts: Map<number, WorkingAttempt>
  changed: boolean
  /** It has reported itself: other points are no word of it. */
  wasHeard: boolean
}

export class JobCache {
  readonly #jobs = new Map<string, WorkingJob>()
  readonly #uids = new Map<number, string>()

  get(uid: string): WorkingJob | undefined {
    const job = this.#jobs.get(uid)
    if (job) {
      this.#jobs.delete(uid)
      this.#jobs.set(uid, job)
    }
    return job
  }

  set(job: WorkingJob): void {
    this.#jobs.set(job.row.uid, job)
    this.#uids.set(job.row.id, job.row.uid)
    for (const uid of this.#jobs.keys()) {
      if (this.#jobs.size <= jobsMax) return
      this.forget(uid)
    }
  }

  /** By its id or its uid. */
  forget(name: number | string): void {
    const uid = typeof name === 'number' ? this.#uids.get(name) : name
    const job = uid === undefined ? undefined : this.#jobs.get(uid)
    if (uid === undefined || !job) return
    this.#jobs.delete(uid)
    this.#uids.delete(job.row.id)
  }

  clear(): void {
    this.#jobs.clear()
    this.#uids.clear()
  }
}
