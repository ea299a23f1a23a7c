/** The terminal and the process, as far as the screen needs them. `process.stdin`, `process.stdout` and `process` fit. */
type Listener = (...details: unknown[]) => void

export type TopInput = {
  isTTY?: boolean | undefined
  setRawMode?(raw: boolean): unknown
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
  resume(): unknown
  pause(): unknown
}

export type TopOutput = {
  isTTY?: boolean | undefined
  columns?: number | undefined
  rows?: number | undefined
  /** False when it is full: then `drain` follows. */
  write(text: string): boolean
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
}

export type TopErrors = { write(text: string): unknown }

/** Signals and what nobody caught. */
export type TopSignals = {
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
  kill(pid: number, signal: string): unknown
}

/** What listens, as pairs, so that all of it can be taken away again. */
export class Listeners {
  readonly #undo: (() => void)[] = []

  add(place: Pick<TopSignals, 'on' | 'off'>, event: string, listener: Listener): void {
    place.on(event, listener)
    this.#undo.push(() => place.off(event, listener))
  }

  /** Takes all away. */
  clear(): void {
    for (const undo of this.#undo.splice(0)) undo()
  }
}
