/** The ways to engines that are started from here: one connection for each target that has some, beside that of its jobs. */
import { KeptTargets } from '../launches/kept-targets.ts'
import type { TargetBook } from '../launches/target-book.ts'
import type { KeptServing } from './serving-rows.ts'

type Placed = Pick<KeptServing, 'spec' | 'port' | 'node' | 'targetKind'>

export class ServingPlaces {
  readonly #targets: KeptTargets
  readonly #signal: AbortSignal

  constructor(targets: TargetBook, signal: AbortSignal) {
    this.#targets = new KeptTargets(targets)
    this.#signal = signal
  }

  /** The address that leads there now. @throws TargetFault, PilothouseError `notFound` when its target is gone */
  async reach(serving: Placed): Promise<string> {
    const { target } = await this.#targets.open(serving.spec.target)
    const { host, port } = await target.reach(findPort(serving), { signal: this.#signal })
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  async leave(serving: Placed): Promise<void> {
    const place = await this.#targets.find(serving.spec.target) // where it is not open nothing led there
    await place?.target.leave(findPort(serving))
  }

  /** @param used names of targets that are still needed */
  leaveUnused(used: ReadonlySet<string>): Promise<void> {
    return this.#targets.leaveUnused(used)
  }
}

/** Where nothing is scheduled it listens on the loopback, whatever its machine is called. */
function findPort({ port, node, targetKind }: Placed): { node: string | null; port: number } {
  return { node: targetKind === 'slurm' ? node : null, port }
}
