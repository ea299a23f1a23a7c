import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'
import type { SampleFiles } from './sample-files.ts'

/** Files looked up at once. */
const sliceMax = 500

/**
 * Removes files that no row names: an aborted transaction left them, or a crash between a file and its commit. One folder
 * a slice. It runs between transactions, so no file is on its way to its row meanwhile.
 */
export class SampleSweep {
  readonly #db: Kysely<Tables>
  readonly #files: SampleFiles
  #waiting: number[] | undefined

  constructor(db: Kysely<Tables>, files: SampleFiles) {
    this.#db = db
    this.#files = files
  }

  /** Looks through the next folder. True when more is waiting. */
  async run(): Promise<boolean> {
    this.#waiting ??= await this.#files.listJobs()
    const jobId = this.#waiting.pop()
    if (jobId !== undefined) await this.#sweepJob(jobId)
    if (this.#waiting.length > 0) return true
    this.#waiting = undefined
    return false
  }

  async #sweepJob(jobId: number): Promise<void> {
    const names = await this.#files.list(jobId)
    for (let from = 0; from < names.length; from += sliceMax) {
      const part = names.slice(from, from + sliceMax)
      const rows = await this.#db
        .selectFrom('sample')
        .select('hash')
        .where('job_id', '=', jobId)
        .where('hash', 'in', part)
        .execute()
      const named = new Set(rows.map(({ hash }) => hash))
      const orphans = part.filter((name) => !named.has(name))
      if (orphans.length > 0) await this.#files.remove(jobId, orphans)
    }
  }
}
