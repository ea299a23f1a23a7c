/** The ways to engines that are started from here: one connection for each target that has some, beside that of its jobs. */
import type { OpenTarget, TargetBook } from '../launches/target-book.ts'
import type { KeptServing } from './serving-rows.ts'

type Placed = Pick<KeptServing, 'spec' | 'port' | 'node' | 'targetKind'>

export class ServingPlaces {
  readonly #targets: TargetBook
  readonly #signal: AbortSignal
  readonly #places = new Map<string, Promise<OpenTarget>>()

  constructor(targets: TargetBook, signal: AbortSignal) {
    this.#targets = targets
    this.#signal = signal
  }

  /** The address that leads there now. @throws TargetFault, PilothouseError `notFound` when its target is gone */
  async reach(serving: Placed): Promise<string> {
    const { target } = await this.#open(serving.spec.target)
    const { host, port } = await target.reach(findPort(serving), { signal: this.#signal })
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  async leave(serving: Placed): Promise<void> {
    const place = await this.#places.get(serving.spec.target)?.catch(() => undefined) // then nothing led there
    await place?.target.leave(findPort(serving))
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

/** Where nothing is scheduled it listens on the loopback, whatever its machine is called. */
function findPort({ port, node, targetKind }: Placed): { node: string | null; port: number } {
  return { node: targetKind === 'slurm' ? node : null, port }
}
