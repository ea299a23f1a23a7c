/**
 * What is worked out of jobs a little later than they change: the values that they are searched and sorted by, what an
 * hour of them costs, the sentence that says why one failed, and what is counted of one that has ended. A job that reports has it done at most every `beatMs`,
 * another within seconds; jobs of before a start, and of before other rates, are walked through once. Reports never wait
 * for more than a slice of it.
 */
import { type Finding, isEnded } from '@pilothouse/contract'
import { diagnoseJob } from '../diagnosis/diagnose-job.ts'
import type { Changes, Operation, StorageContext } from '../storage/operation.ts'
import { writePrice } from '../rates/price-jobs.ts'
import { writeRecord } from '../records/write-record.ts'
import { type NumberedCard, readRates } from '../rates/rate-setting.ts'
import type { StorageRoom } from '../storage/open-storage.ts'
import { findJob } from './find-job.ts'
import { type ValuedJob, ValueKeys, writeJobValues } from './job-values.ts'

/** Between two digests of a job that goes on reporting. */
const beatMs = 20_000
/** After a change other than a report, and after an end: the last lines of its log may still come. */
const settleMs = 1_000
/** One slice: at most so many jobs and about so many ms. */
const jobsMax = 100
const sliceMs = 12
/** Unused names that go at one start. */
const sweptMax = 10_000
/** Jobs looked at in one step of the walk. */
const looksMax = 200

type Due = { at: number; settings: boolean }
type Row = ValuedJob & {
  uid: string
  version: number
  diagnosis: string | null
  seen: number | null
  /** Number of the rate card that it was priced by. */
  rates: number | null
  project: string
  target: string | null
  started_ms: number | null
  hour_cost: number | null
  hour_currency: string | null
  ended_ms: number | null
  /** Of what is counted of it once it has ended. */
  recorded: number | null
}

export class JobDigests {
  readonly #room: Pick<StorageRoom, 'database' | 'now' | 'run'>
  readonly #keys = new ValueKeys()
  readonly #due = new Map<number, Due>()
  #isSwept = false
  /** The walk goes on behind this job; undefined once it is over. */
  #walkedTo: number | undefined = 0

  constructor(room: Pick<StorageRoom, 'database' | 'now' | 'run'>) {
    this.#room = room
  }

  /** Takes in what a commit changed. */
  note({ jobs, beats }: Pick<Changes, 'jobs' | 'beats'>): void {
    const now = this.#room.now()
    for (const id of jobs) this.#add(id, { at: now + settleMs, settings: true })
    for (const id of beats.keys()) if (!this.#due.has(id)) this.#due.set(id, { at: now + beatMs, settings: false })
  }

  /**
   * Begins anew. After the connection to the database was lost, what was noted may not have been committed; other rates
   * price all jobs.
   */
  walkAgain(): void {
    this.#walkedTo = 0
  }

  /** One slice. True when more is due, `later` when some will be. */
  async run(): Promise<boolean | 'later'> {
    if (!this.#isSwept) {
      this.#isSwept = true
      await this.#room.run(sweepKeys, null)
      return true
    }
    const now = this.#room.now()
    const due = [...this.#due].filter(([, { at }]) => at <= now).slice(0, jobsMax)
    if (due.length === 0 && this.#walkedTo !== undefined) return this.#walk(now, this.#walkedTo)
    if (due.length > 0) {
      const jobs = due.map(([id, { settings }]) => ({ id, settings }))
      const done = await this.#room.run(digestSome, { jobs, keys: this.#keys })
      for (const [id, one] of due.slice(0, done)) if (this.#due.get(id) === one) this.#due.delete(id)
      if (done < due.length) return true
    }
    if (this.#walkedTo !== undefined) return true
    return this.#due.size > 0 ? 'later' : false
  }

  #add(id: number, due: Due): void {
    const known = this.#due.get(id)
    if (!known || known.at > due.at || !known.settings) this.#due.set(id, due)
  }

  /** Finds jobs whose values are of another version, or their price by other rates. */
  async #walk(now: number, after: number): Promise<boolean | 'later'> {
    const { number } = await readRates(this.#room.database.db)
    const rows = await this.#room.database.db
      .selectFrom('job')
      .leftJoin('job_digest', 'job_digest.job_id', 'job.id')
      .leftJoin('job_record', 'job_record.job_id', 'job.id')
      .select(['job.id', 'job.version', 'job_digest.version as seen', 'job_digest.rates'])
      .select(['job.state', 'job.ended_ms', 'job_record.job_id as recorded'])
      .where('job.id', '>', after)
      .orderBy('job.id')
      .limit(looksMax)
      .execute()
    for (const row of rows) if (isStale(row, number)) this.#add(row.id, { at: now, settings: true })
    const last = rows.at(-1)?.id
    this.#walkedTo = rows.length === looksMax ? last : undefined
    if (this.#walkedTo !== undefined) return true
    return this.#due.size > 0 ? 'later' : false
  }
}

/** Names that no job has any more; at a start alone, while memory knows none of their ids. */
const sweepKeys: Operation<null, null> = async ({ db }) => {
  const unused = db
    .selectFrom('value_key')
    .select('id')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('job_value').select('job_id').whereRef('job_value.key_id', '=', 'value_key.id'))),
    )
    .limit(sweptMax)
  await db.deleteFrom('value_key').where('id', 'in', unused).execute()
  return null
}

type Batch = { jobs: readonly { id: number; settings: boolean }[]; keys: ValueKeys }

/** As many of the jobs as fit into a slice, at least one; answers how many. */
const digestSome: Operation<Batch, number> = async (context, { jobs, keys }) => {
  const until = performance.now() + sliceMs
  const ids = jobs.map(({ id }) => id)
  const rows = await readRows(context, ids)
  const rates = await readRates(context.db)
  const byId = new Map(rows.map((row) => [row.id, row]))
  let done = 0
  for (const { id, settings } of jobs) {
    if (done > 0 && performance.now() > until) break
    const row = byId.get(id)
    if (row && isStale(row, rates.number))
      await digestJob(context, row, { keys, settings: settings || row.seen === null, rates })
    done += 1
  }
  return done
}

/** Something of it is to be worked out. */
function isStale(
  row: Pick<Row, 'version' | 'seen' | 'rates' | 'state' | 'ended_ms' | 'recorded'>,
  rates: number,
): boolean {
  return row.version !== row.seen || row.rates !== rates || lacksRecord(row)
}

function lacksRecord({ state, ended_ms, recorded }: Pick<Row, 'state' | 'ended_ms' | 'recorded'>): boolean {
  return recorded === null && ended_ms !== null && isEnded(state)
}

function readRows({ db }: StorageContext, ids: readonly number[]): Promise<Row[]> {
  return db
    .selectFrom('job')
    .leftJoin('job_digest', 'job_digest.job_id', 'job.id')
    .select(['job.id', 'job.uid', 'job.state', 'job.branch', 'job.clock_offset_ms', 'job.data_removed_ms'])
    .select(['job.version', 'job.diagnosis', 'job_digest.version as seen', 'job_digest.rates'])
    .leftJoin('job_record', 'job_record.job_id', 'job.id')
    .select(['job.project', 'job.target', 'job.started_ms', 'job.hour_cost', 'job.hour_currency'])
    .select(['job.ended_ms', 'job_record.job_id as recorded'])
    .where('job.id', 'in', ids)
    .execute()
}

async function digestJob(
  context: StorageContext,
  row: Row,
  { rates, ...how }: { keys: ValueKeys; settings: boolean; rates: NumberedCard },
): Promise<void> {
  const { db, now } = context
  if (row.version !== row.seen) await writeJobValues(context, row, how)
  if (how.settings || row.rates !== rates.number) await writePrice(context, rates.card, row)
  const isCounted = row.version !== row.seen || lacksRecord(row)
  // Found nothing is not the last word: the line that tells may have come since.
  const asks = row.state === 'failed' && (isCounted || (row.diagnosis ?? '') === '')
  const finding = asks ? await findCause(context, row.uid) : undefined
  const isTold = row.state !== 'failed' || (row.diagnosis ?? '') !== ''
  const told = isTold ? row.diagnosis : (finding?.title ?? '')
  const version = told === row.diagnosis ? row.version : row.version + 1
  if (told !== row.diagnosis) {
    await db.updateTable('job').set({ diagnosis: told, version }).where('id', '=', row.id).execute()
    context.changes.jobs.add(row.id)
  }
  const hasRecord = isEnded(row.state) || row.recorded !== null
  if (isCounted && hasRecord) await writeRecord(context, await findJob(db, row.uid), finding?.rule ?? null)
  else if (hasRecord) await updatePrice(context, row.id)
  const digest = { version, at_ms: now(), rates: rates.number }
  await db
    .insertInto('job_digest')
    .values({ job_id: row.id, ...digest })
    .onConflict((conflict) => conflict.column('job_id').doUpdateSet(digest))
    .execute()
}

/** Other rates change the price of what is counted. */
async function updatePrice({ db }: StorageContext, id: number): Promise<void> {
  await db
    .updateTable('job_record')
    .set((eb) => ({ hour_cost: eb.selectFrom('job').select('hour_cost').where('id', '=', id) }))
    .where('job_id', '=', id)
    .execute()
}

/** The first thing that is more than possible. */
async function findCause(context: StorageContext, uid: string): Promise<Finding | undefined> {
  const { findings } = await diagnoseJob(context, { uid })
  return findings.find(({ certainty }) => certainty !== 'possible')
}
