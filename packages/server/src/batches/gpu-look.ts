import { type GpuList, listGpus } from '@pilothouse/fleet'

/** What was read is told again for so long: many may look at once, and nvidia-smi takes its time. */
const keptMs = 3_000

/** Looks at the GPUs of this machine, one look at a time. */
export class GpuLook {
  #look: { atMs: number; list: Promise<GpuList> } | undefined

  read(): Promise<GpuList> {
    const atMs = performance.now()
    if (!this.#look || atMs - this.#look.atMs > keptMs) this.#look = { atMs, list: listGpus() }
    return this.#look.list
  }
}
