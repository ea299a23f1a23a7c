import type { BatchRequest, RequestResult } from '../request.ts'

/** Results that are saved at once, and bytes of their bodies; one that is larger makes a group of its own. */
const groupMax = { results: 256, bytes: 8 * 1024 * 1024 }
/** With so many unsaved ones, or so many bytes of them and of their requests, nothing more is sent. */
const unsavedMax = { results: 2_048, bytes: 32 * 1024 * 1024 }

type Waiting<R extends BatchRequest> = { result: RequestResult<R>; bytes: number }

/**
 * Saves results in groups: what comes while a group is being saved makes the next one, so that a single result is saved at once
 * and a flood costs one write and one commit for many.
 */
export class ResultGroups<R extends BatchRequest = BatchRequest> {
  readonly #save: (results: readonly RequestResult<R>[]) => Promise<void>
  readonly #onRoom: () => void
  readonly #onError: (error: unknown) => void
  readonly #waiting: Waiting<R>[] = []
  #saving: Promise<void> | undefined
  readonly #unsaved = { results: 0, bytes: 0 }

  /** `onRoom`: results can be taken again; `onError`: they could not be saved, and nothing more is. */
  constructor(
    save: (results: readonly RequestResult<R>[]) => Promise<void>,
    { onRoom, onError }: { onRoom: () => void; onError: (error: unknown) => void },
  ) {
    this.#save = save
    this.#onRoom = onRoom
    this.#onError = onError
  }

  get isFull(): boolean {
    return this.#unsaved.results >= unsavedMax.results || this.#unsaved.bytes >= unsavedMax.bytes
  }

  add(result: RequestResult<R>): void {
    const bytes = Buffer.byteLength(result.outcome.body ?? '')
    this.#waiting.push({ result, bytes })
    this.#count(1, bytes + result.request.body.length)
    this.#saving ??= this.#saveAll()
  }

  /** Resolves when everything is saved that came before. */
  async flush(): Promise<void> {
    await this.#saving
  }

  async #saveAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const group = this.#waiting.splice(0, countFirst(this.#waiting))
        await this.#save(group.map(({ result }) => result))
        const wasFull = this.isFull
        this.#count(-group.length, -countHeld(group))
        if (wasFull && !this.isFull) this.#onRoom()
      }
      this.#saving = undefined
    } catch (error) {
      this.#onError(error)
    }
  }

  #count(results: number, bytes: number): void {
    this.#unsaved.results += results
    this.#unsaved.bytes += bytes
  }
}

/** How many of them make the next group; at least one. */
function countFirst(waiting: readonly { bytes: number }[]): number {
  let [count, bytes] = [0, 0]
  for (const one of waiting) {
    bytes += one.bytes
    if (count === groupMax.results || (count > 0 && bytes > groupMax.bytes)) break
    count += 1
  }
  return count
}

/** A result holds its request, too. */
function countHeld(group: readonly Waiting<BatchRequest>[]): number {
  return group.reduce((sum, { bytes, result }) => sum + bytes + result.request.body.length, 0)
}
