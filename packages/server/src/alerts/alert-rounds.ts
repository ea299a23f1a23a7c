/**
 * Rules that look at jobs as a whole: states, as soon as one has changed, and silence and stalls, every few seconds. It runs between
 * operations, so nobody waits for it; what changed before a stop or a kill is looked at after the next start.
 */
import { isEnded, liveStates } from '@pilothouse/contract'
import type { Trigger } from '@pilothouse/signals'
import type { Changes } from '../storage/operation.ts'
import type { StorageRoom } from '../storage/open-storage.ts'
import type { AlertEngine } from './alert-engine.ts'
import { checkSilence } from './check-silence.ts'
import { checkStalls } from './check-stalls.ts'
import { checkStates } from './check-states.ts'

/** Between two looks at silence and stalls. */
export const roundEveryMs = 5_000
/** Jobs in one slice. */
const jobsMax = 50
/** After a start: jobs that ended so long ago at most, and so many of them, are looked at. */
const lookBackMs = 24 * 3_600_000
const lookBackMax = 2_000

export class AlertRounds {
  readonly #room: StorageRoom
  readonly #engine: AlertEngine
  readonly #startedAt: number
  readonly #changed = new Set<number>()
  readonly #silences = new Map<string, Trigger>()
  #isCaughtUp = false
  #silenceDueAt: number

  constructor(room: StorageRoom, engine: AlertEngine) {
    this.#room = room
    this.#engine = engine
    this.#startedAt = room.now()
    this.#silenceDueAt = room.now()
  }

  /** Takes in what a commit changed. */
  note({ jobs, ended }: Pick<Changes, 'jobs' | 'ended'>): void {
    for (const id of jobs) this.#changed.add(id)
    for (const id of ended) this.#engine.forgetJob(id)
  }

  /** Begins anew after the connection to the database was lost. */
  catchUp(): void {
    this.#isCaughtUp = false
  }

  /** One slice. True when more is due. */
  async run(): Promise<boolean> {
    await this.#engine.prepare(this.#room.database.db)
    if (!this.#isCaughtUp) await this.#lookBack()
    if (this.#changed.size > 0) {
      const ids = [...this.#changed].slice(0, jobsMax)
      for (const id of ids) this.#changed.delete(id)
      await this.#room.run(checkStates, ids)
      return true
    }
    const now = this.#room.now()
    const [silences, anomalies] = [this.#engine.rulesOf('silence'), this.#engine.rulesOf('anomaly')]
    if (now < this.#silenceDueAt || silences.length + anomalies.length === 0) return false
    this.#silenceDueAt = now + roundEveryMs - 100
    if (anomalies.length > 0) await this.#room.run(checkStalls, null)
    if (silences.length > 0) await this.#room.run(checkSilence, { sinceMs: this.#startedAt, triggers: this.#silences })
    return false
  }

  /** What happened before memory began. */
  async #lookBack(): Promise<void> {
    this.#isCaughtUp = true
    const rows = await this.#room.database.db
      .selectFrom('job')
      .select(['id', 'state'])
      .where((eb) => eb.or([eb('state', 'in', liveStates), eb('ended_ms', '>=', this.#room.now() - lookBackMs)]))
      .orderBy('id', 'desc')
      .limit(lookBackMax)
      .execute()
    for (const { id, state } of rows) if (isEnded(state) || state === 'running') this.#changed.add(id)
  }
}
