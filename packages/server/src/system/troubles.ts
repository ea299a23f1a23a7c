import type { SystemStatus } from '@pilothouse/contract'

/** Failures kept; the oldest goes first. */
const troublesMax = 20

/** Background work that failed lately. */
export class Troubles {
  readonly #now: () => number
  #all: SystemStatus['troubles'] = []

  constructor(now: () => number) {
    this.#now = now
  }

  note(task: string, { message }: Error): void {
    this.#all = [{ at: this.#now(), task, message }, ...this.#all].slice(0, troublesMax)
  }

  list(): SystemStatus['troubles'] {
    return this.#all
  }
}
