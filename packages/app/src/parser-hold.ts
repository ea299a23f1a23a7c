import { readFileSync } from 'node:fs'
import {
  type HeldReadings,
  type LogReading,
  type SdkWord,
  type TimedReading,
  holdReadings,
  nothingHeld,
} from '@pilothouse/signals'

/** Holds what printed lines say until it is clear that the SDK inside the command says nothing itself. */
export class ParserHold {
  readonly #pass: (held: TimedReading) => void
  readonly #listen: () => SdkWord
  #held: HeldReadings = nothingHeld
  #word: SdkWord = 'none'
  #latest = 0

  constructor({ pass, listen }: { pass: (held: TimedReading) => void; listen: () => SdkWord }) {
    this.#pass = pass
    this.#listen = listen
  }

  /** Takes what a line says, at `time` (ms since 1970). */
  take(reading: LogReading, time: number): void {
    this.#latest = time
    this.#settle([{ reading, time }], false)
  }

  /** The program has ended: what is held is passed on, unless the SDK has spoken. */
  end(): void {
    this.#settle([], true)
  }

  #settle(readings: TimedReading[], isEnd: boolean): void {
    // The file lies on this machine: what is not in it by now is no word on its way.
    if (this.#word !== 'log') this.#word = this.#listen()
    const { next, passed } = holdReadings(this.#held, {
      readings,
      word: this.#word,
      now: this.#latest,
      graceMs: 0,
      isEnd,
    })
    this.#held = next
    passed.forEach(this.#pass)
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
