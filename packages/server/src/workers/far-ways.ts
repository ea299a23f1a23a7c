/** Ports of machines behind ssh that lead to this control room: one connection for each machine that has workers which need it. */
import type { OpenTarget, TargetBook } from '../launches/target-book.ts'

type Here = { host: string; port: number }

export class FarWays {
  readonly #targets: TargetBook
  readonly #signal: AbortSignal
  readonly #places = new Map<string, Promise<OpenTarget>>()

  constructor(targets: TargetBook, signal: AbortSignal) {
    this.#targets = targets
    this.#signal = signal
  }

  /** Once it resolves, the port leads here. @throws TargetFault, PilothouseError `notFound` when the target is gone */
  async keep(name: string, port: number, here: Here): Promise<void> {
    const { target } = await this.#open(name)
    await target.expose(port, here, { signal: this.#signal })
  }

  /** @param used names of targets that are still needed */
  async leaveUnused(used: ReadonlySet<string>): Promise<void> {
    for (const [name, opening] of this.#places) {
      if (used.has(name)) continue
      this.#places.delete(name)
      const place = await opening.catch(() => undefined) // it never opened
      await place?.target.close()
    }
  }

  #open(name: string): Promise<OpenTarget> {
    const known = this.#places.get(name)
    if (known) return known
    const opening = this.#targets.open(name)
    this.#places.set(name, opening)
    opening.catch(() => this.#places.delete(name))
    return opening
  }
}
