import type { RequestResult } from '../request.ts'

/** Results that are saved at once. */
const groupMax = 256
/** With so many unsaved ones nothing more is sent. */
const unsavedMax = 2_048

/**
 * Saves results in groups: what comes while a group is being saved makes the next one, so that a single result is saved at once
 * and a flood costs one write and one commit for many.
 */
export class ResultGroups {
  readonly #save: (results: readonly RequestResult[]) => Promise<void>
  readonly #onRoom: () => void
  readonly #onError: (error: unknown) => void
  #waiting: RequestResult[] = []
  #saving: Promise<void> | undefined
  #unsaved = 0

  /** `onRoom`: results can be taken again; `onError`: they could not be saved, and nothing more is. */
  constructor(
    save: (results: readonly RequestResult[]) => Promise<void>,
    { onRoom, onError }: { onRoom: () => void; onError: (error: unknown) => void },
  ) {
    this.#save = save
    this.#onRoom = onRoom
    this.#onError = onError
  }

  get isFull(): boolean {
    return this.#unsaved >= unsavedMax
  }

  add(result: RequestResult): void {
    this.#waiting.push(result)
    this.#unsaved += 1
    this.#saving ??= this.#saveAll()
  }

  /** Resolves when everything is saved that came before. */
  async flush(): Promise<void> {
    await this.#saving
  }

  async #saveAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const group = this.#waiting.splice(0, groupMax)
        await this.#save(group)
        const wasFull = this.isFull
        this.#unsaved -= group.length
        if (wasFull && !this.isFull) this.#onRoom()
      }
      this.#saving = undefined
    } catch (error) {
      this.#onError(error)
    }
  }
}
