/** Ports of machines behind ssh that lead to this control room: one connection for each machine that has workers which need it. */
import { KeptTargets } from '../launches/kept-targets.ts'
import type { TargetBook } from '../launches/target-book.ts'

type Here = { host: string; port: number }

export class FarWays {
  readonly #targets: KeptTargets
  readonly #signal: AbortSignal

  constructor(targets: TargetBook, signal: AbortSignal) {
    this.#targets = new KeptTargets(targets)
    this.#signal = signal
  }

  /** Once it resolves, the port leads here. @throws TargetFault, PilothouseError `notFound` when the target is gone */
  async keep(name: string, port: number, here: Here): Promise<void> {
    const { target } = await this.#targets.open(name)
    await target.expose(port, here, { signal: this.#signal })
  }

  /** @param used names of targets that are still needed */
  leaveUnused(used: ReadonlySet<string>): Promise<void> {
    return this.#targets.leaveUnused(used)
  }
}
