/** Samples, artifacts and alerts of the reports of one commit: checked with their report, written with all others. */
import type { AlertEvent, ArtifactEvent, Report } from '@pilothouse/contract'
import type { WaitingAlert } from '../alerts/alerts.ts'
import { takeScriptAlerts } from '../alerts/script-alerts.ts'
import { type WaitingArtifact, storeArtifact } from '../artifacts/artifacts.ts'
import { type PreparedSample, prepareSample } from '../samples/prepare-sample.ts'
import {
  type WaitingSample,
  countLeftOut,
  countSample,
  findRefusal,
  readKeyTotals,
  storeSamples,
} from '../samples/store-samples.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { WorkingJob } from './job-cache.ts'

export type PreparedParts = {
  samples: readonly PreparedSample[]
  artifacts: readonly ArtifactEvent[]
  alerts: readonly AlertEvent[]
}

type Waiting = { samples: WaitingSample[]; leftOut: number; artifacts: WaitingArtifact[]; alerts: WaitingAlert[] }
/** Which attempt reports, and its clock against ours. */
type Reporter = { attempt: number; clockOffsetMs: number }

export class ReportParts {
  readonly #context: StorageContext
  readonly #waiting = new Map<WorkingJob, Waiting>()

  constructor(context: StorageContext) {
    this.#context = context
  }

  /**
   * Everything that may refuse the report; nothing has changed yet.
   * @throws PilothouseError `invalid` or `tooLarge`.
   */
  async prepare(job: WorkingJob, report: Report): Promise<PreparedParts> {
    const samples = (report.samples ?? []).map((event, at) => prepareSample(event, `samples[${at}]`))
    if (samples.length > 0) job.sampleTotals ??= await readKeyTotals(this.#context.db, job.row.id)
    return { samples, artifacts: report.artifacts ?? [], alerts: report.alerts ?? [] }
  }

  /** Keeps them until the write. Returns what finds no room, in words. */
  take(job: WorkingJob, { samples, artifacts, alerts }: PreparedParts, by: Reporter): string[] {
    if (samples.length + artifacts.length + alerts.length === 0) return []
    const waiting = this.#waiting.get(job) ?? { samples: [], leftOut: 0, artifacts: [], alerts: [] }
    this.#waiting.set(job, waiting)
    // Whatever the clock of a job says, it is a time that every database can hold.
    const toServer = (at: number) => Math.max(0, Math.round(Math.min(this.#context.now(), at - by.clockOffsetMs)))
    const place = (at: number) => ({ attempt: by.attempt, timeMs: toServer(at) })
    waiting.artifacts.push(...artifacts.map((event) => ({ event, ...place(event.at) })))
    waiting.alerts.push(...alerts.map((event) => ({ event, ...place(event.at) })))
    const refusals = samples.flatMap((sample) => {
      const refusal = takeSample(job, waiting, { ...sample, ...place(sample.at), branch: job.row.branch })
      return refusal === undefined ? [] : [refusal]
    })
    waiting.leftOut += refusals.length
    return [...new Set(refusals)]
  }

  async write(): Promise<void> {
    for (const [job, waiting] of this.#waiting) await this.#writeJob(job, waiting)
  }

  async #writeJob({ row, sampleTotals }: WorkingJob, waiting: Waiting): Promise<void> {
    const { db, changes } = this.#context
    const { samples, leftOut, artifacts, alerts } = waiting
    if (samples.length > 0 && sampleTotals)
      await storeSamples(this.#context, row, { waiting: samples, totals: sampleTotals })
    if (leftOut > 0) await countLeftOut(db, row.id, leftOut)
    for (const artifact of artifacts) await storeArtifact(db, row.id, artifact)
    if (alerts.length > 0) await takeScriptAlerts(this.#context, row, alerts)
    changes.jobs.add(row.id)
  }
}

function takeSample(job: WorkingJob, waiting: Waiting, sample: WaitingSample): string | undefined {
  const totals = job.sampleTotals
  if (!totals) return undefined
  const refusal = findRefusal(totals, sample.row)
  if (refusal !== undefined) return refusal
  countSample(totals, sample)
  waiting.samples.push(sample)
  return undefined
}
