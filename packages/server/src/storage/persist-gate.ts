/**
 * Holds answers back until what they tell of is on the disk. One sync is under way at a time and covers everything that was
 * committed before it began; what is committed meanwhile waits for the next one, together.
 */
import type { Answer } from './messages.ts'

export type PersistGateOptions = {
  /** Grows with every row that a commit changes. */
  changes: () => number
  /** Resolves when all commits so far are on the disk. */
  persist: () => Promise<void>
  post(answers: Answer[]): void
  /** The disk refused to keep what was committed: nothing may be acknowledged any more. */
  fail(error: unknown): void
}

export class PersistGate {
  readonly #options: PersistGateOptions
  #held: Answer[] = []
  #changesKept = 0
  #running: Promise<void> | undefined
  #failed = false

  constructor(options: PersistGateOptions) {
    this.#options = options
    this.#changesKept = options.changes()
  }

  /** Posts answers at once if nothing has been committed that is not on the disk, else after the next sync. */
  pass(answers: readonly Answer[]): void {
    const isKept = this.#running === undefined && this.#options.changes() === this.#changesKept
    if (isKept && !this.#failed) return this.#options.post([...answers])
    this.#held.push(...answers)
    if (!this.#failed) this.#running ??= this.#sync()
  }

  /** Resolves when nothing is held back any more. */
  async settle(): Promise<void> {
    await this.#running
  }

  async #sync(): Promise<void> {
    try {
      while (this.#held.length > 0) {
        const answers = this.#held
        const changes = this.#options.changes()
        this.#held = []
        await this.#options.persist()
        this.#changesKept = changes
        this.#options.post(answers)
      }
    } catch (error) {
      this.#failed = true
      this.#options.fail(error)
    } finally {
      this.#running = undefined
    }
  }
}
