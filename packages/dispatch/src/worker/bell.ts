/** Wakes everybody who waits for something to change; each looks for himself whether it is what he waits for. */
export class Bell {
  #next = Promise.withResolvers<void>()

  ring(): void {
    this.#next.resolve()
    this.#next = Promise.withResolvers<void>()
  }

  /** Resolves when it rings next. */
  get next(): Promise<void> {
    return this.#next.promise
  }

  /** Resolves once `isTrue` holds: looked at now, and whenever it rings. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await this.#next.promise
  }
}
