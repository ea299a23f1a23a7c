/** What the reports of one commit tell of steering: forks take effect at once, everything else is written with the others. */
import type { SteeringEvent } from '@pilothouse/contract'
import { takeCheckpoints, takeFates } from '../checkpoints/take-checkpoints.ts'
import type { StoredControls } from '../commands/read-commands.ts'
import { settleCommands } from '../commands/settle-commands.ts'
import { takeChanges, takeDeclarations } from '../parameters/take-parameters.ts'
import { giveAgain, takeSchedules } from '../schedules/schedules.ts'
import type { StorageContext } from '../storage/operation.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { WorkingJob } from './job-cache.ts'

type Waiting = { event: SteeringEvent; attempt: number; branch: number; parent: number; clockOffsetMs: number }
/** Which attempt reports, and its clock against ours. */
type Reporter = { attempt: number; clockOffsetMs: number }

export class SteeringParts {
  readonly #context: StorageContext
  readonly #waiting = new Map<WorkingJob, Waiting[]>()

  constructor(context: StorageContext) {
    this.#context = context
  }

  /** Keeps an event until the write. After a fork the points of its report, and all that follow, belong to a new branch. */
  take(job: WorkingJob, event: SteeringEvent, by: Reporter): void {
    const parent = job.row.branch
    const forks = event.fork !== undefined && by.attempt === job.row.attempt
    if (forks) job.row.branch = parent + 1
    const waiting = this.#waiting.get(job) ?? []
    waiting.push({ event, ...by, branch: job.row.branch, parent })
    this.#waiting.set(job, waiting)
  }

  async write(): Promise<void> {
    for (const [job, waiting] of this.#waiting) for (const one of waiting) await this.#writeOne(job, one)
  }

  async #writeOne({ row }: WorkingJob, { event, attempt, branch, parent, clockOffsetMs }: Waiting): Promise<void> {
    const context = this.#context
    const now = context.now()
    // Whatever the clock of a job says, it is a time that every database can hold.
    const toServer = (at: number) => Math.max(0, Math.round(Math.min(now, at - clockOffsetMs)))
    const timed = <Event extends { at: number }>(one: Event) => ({ ...one, atMs: toServer(one.at) })
    const place = { id: row.id, uid: row.uid, attempt, branch, atMs: now }
    if (branch !== parent) await this.#writeFork(row.id, { event, branch, parent, at: toServer(event.fork?.at ?? now) })
    if (event.controls && attempt === row.attempt) {
      const { kinds, rollback, parameters } = event.controls
      const stored: StoredControls = { kinds, rollback, attempt }
      await context.db
        .updateTable('job_detail')
        .set({ controls: JSON.stringify(stored) })
        .where('job_id', '=', row.id)
        .execute()
      noteSteering(context.changes, row.uid, 'commands', 'checkpoints')
      await takeDeclarations(context, place, parameters)
      if (kinds.includes('schedule')) await giveAgain(context, place)
    }
    await takeChanges(context, place, event.changes.map(timed))
    await takeCheckpoints(context, place, event.checkpoints.map(timed))
    await takeFates(context, place, event.fates)
    await takeSchedules(context, place, event.schedules.map(timed))
    await settleCommands(context, row, event.outcomes.map(timed))
  }

  /** The new branch begins where its checkpoint was made, on the branch of that. */
  async #writeFork(
    jobId: number,
    { event, branch, parent, at }: Pick<Waiting, 'event' | 'branch' | 'parent'> & { at: number },
  ): Promise<void> {
    const { db, changes } = this.#context
    const name = event.fork?.checkpoint ?? null
    const made =
      name === null
        ? undefined
        : await db
            .selectFrom('checkpoint')
            .select(['branch', 'epoch'])
            .where('job_id', '=', jobId)
            .where('name', '=', name)
            .executeTakeFirst()
    await db
      .insertInto('branch')
      .values({
        job_id: jobId,
        number: branch,
        parent: made?.branch ?? parent,
        fork_step: event.fork?.step ?? null,
        fork_epoch: made?.epoch ?? null,
        created_ms: at,
      })
      .execute()
    await db.updateTable('job').set({ branch }).where('id', '=', jobId).execute()
    changes.jobs.add(jobId)
  }
}
