/**
 * What printed lines say, while it is not clear whether the script reports its numbers itself by the SDK.
 *
 *   no word of the SDK          all is passed on at once: an ordinary program
 *   it is there (`init`)        held back, for a while: a script that reports prints the same numbers
 *   it has sent numbers (`log`) forgotten, and so is all that follows: there is one loss, not two
 */
import { readFileSync } from 'node:fs'
import type { LogReading } from '@pilothouse/signals'

/** A script that has not sent a number of its own by then does not do so, ms. */
const holdMs = 60_000
/** Readings held. Above: it is not waited for any longer. */
const heldMax = 10_000

export type SdkWord = 'none' | 'init' | 'log'
type Held = { reading: LogReading; time: number }

export class ParserHold {
  readonly #pass: (held: Held) => void
  readonly #listen: () => SdkWord
  #held: Held[] = []
  #silentUntil = Infinity
  #word: SdkWord = 'none'

  constructor({ pass, listen }: { pass: (held: Held) => void; listen: () => SdkWord }) {
    this.#pass = pass
    this.#listen = listen
  }

  /** Takes what a line says, at `time` (ms since 1970). */
  take(reading: LogReading, time: number): void {
    if (this.#word !== 'log') this.#word = this.#listen()
    if (this.#word === 'init' && this.#silentUntil === Infinity) this.#silentUntil = time + holdMs
    this.#held.push({ reading, time })
    const waits = this.#word === 'init' && time < this.#silentUntil && this.#held.length <= heldMax
    if (!waits) this.#settle()
  }

  /** The program has ended: what is held is passed on, unless the SDK has spoken. */
  end(): void {
    if (this.#word !== 'log') this.#word = this.#listen()
    this.#settle()
  }

  #settle(): void {
    const held = this.#held
    this.#held = []
    if (this.#word === 'log') return
    if (this.#word === 'init') this.#silentUntil = -Infinity
    held.forEach(this.#pass)
  }
}

/** What the SDK has written into the file that it was named (`python/src/pilothouse/_wrapper.py`). */
export function readSdkWord(path: string): SdkWord {
  try {
    const word = readFileSync(path, 'latin1')
    return word === 'log' ? 'log' : 'init'
  } catch {
    return 'none' // not there: no SDK
  }
}
