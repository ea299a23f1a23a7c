import type { OpenTarget } from './target-book.ts'

type Parts = {
  note: (error: unknown, what: string) => void
  /** Between two times. */
  tidyMs: number
}

/** Removes code on one target that nobody uses, now and then. Nobody waits for it; where it fails, it is done the next time. */
export class CodeTidier {
  readonly #parts: Parts
  #tidying: Promise<void> | null = null
  #tidiedAt = -Infinity

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Resolves when nothing is under way. */
  get done(): Promise<void> {
    return this.#tidying ?? Promise.resolve()
  }

  /** @param inUse run folders whose code stays */
  begin({ target, keepCodeDays }: OpenTarget, inUse: readonly string[], signal: AbortSignal): void {
    const { note, tidyMs } = this.#parts
    const now = performance.now()
    if (this.#tidying !== null || now - this.#tidiedAt < tidyMs) return
    this.#tidiedAt = now
    this.#tidying = target
      .tidyCode({ unusedDays: keepCodeDays, inUse }, { signal })
      .then(() => undefined)
      .catch((error: unknown) => note(error, 'code that nobody uses could not be removed'))
      .finally(() => (this.#tidying = null))
  }
}
