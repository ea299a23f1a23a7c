import type { OpenTarget, TargetBook } from './target-book.ts'

/** Targets that are kept open by whoever needs a way to them, beside that of their jobs: one connection for each. */
export class KeptTargets {
  readonly #targets: TargetBook
  readonly #open = new Map<string, Promise<OpenTarget>>()

  constructor(targets: TargetBook) {
    this.#targets = targets
  }

  /** Opens it where it is not open yet. @throws TargetFault, PilothouseError `notFound` when there is none of this name */
  open(name: string): Promise<OpenTarget> {
    const known = this.#open.get(name)
    if (known) return known
    const opening = this.#targets.open(name)
    this.#open.set(name, opening)
    opening.catch(() => this.#open.delete(name))
    return opening
  }

  /** undefined: it is not open. */
  async find(name: string): Promise<OpenTarget | undefined> {
    return this.#open.get(name)?.catch(() => undefined) // it never opened
  }

  /** @param used names of targets that are still needed */
  async leaveUnused(used: ReadonlySet<string>): Promise<void> {
    for (const [name, opening] of this.#open) {
      if (used.has(name)) continue
      this.#open.delete(name)
      const place = await opening.catch(() => undefined) // it never opened
      await place?.target.close()
    }
  }
}
