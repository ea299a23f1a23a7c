import { cleanText } from './cell-text.ts'
import { describeChanges } from './describe-changes.ts'
import type { TopParameters } from './screen-session.ts'
import { Listeners } from './terminal-door.ts'
import type { TopRow, TopUpdate } from './top-state.ts'

/**
 * For outputs without a terminal, as `nohup` and a journal: one line for each change, with its time; nothing when nothing changed.
 * Trouble goes to the errors. It ends by a signal, or when nobody reads any more. SIGHUP is left as it is: `nohup` ignores it.
 *
 * @returns the exit code
 */
export async function runTopLines({ source, output, errors, now, signals }: TopParameters): Promise<number> {
  const ended = Promise.withResolvers<number>()
  const listeners = new Listeners()
  listeners.add(signals, 'SIGINT', () => ended.resolve(130))
  listeners.add(signals, 'SIGTERM', () => ended.resolve(143))
  listeners.add(output, 'error', () => ended.resolve(0))
  listeners.add(output, 'close', () => ended.resolve(0))
  const teller = new LineTeller({
    say: (text) => output.write(stamp(text, now())),
    complain: (text) => errors.write(stamp(text, now())),
  })
  source.start((update) => teller.take(update))
  const code = await ended.promise
  await source.close()
  listeners.clear()
  // What was written last may still fail, when nobody listens any more.
  output.on('error', () => undefined)
  return code
}

type Voices = { say(text: string): unknown; complain(text: string): unknown }

class LineTeller {
  readonly #voices: Voices
  #rows: readonly TopRow[] | null = null
  #trouble: string | null = null

  constructor(voices: Voices) {
    this.#voices = voices
  }

  take(update: TopUpdate): void {
    switch (update.type) {
      case 'rows':
        for (const text of describeChanges(this.#rows, update.rows)) this.#voices.say(text)
        this.#rows = update.rows
        return
      case 'event':
        return this.#tellEvent(update.level, cleanText(update.text))
      case 'trouble':
        return this.#tellTrouble(update.text)
      case 'lines':
      case 'detail':
        return
      default:
        return update satisfies never
    }
  }

  #tellEvent(level: 'info' | 'warning' | 'error', text: string): void {
    this.#voices.say(level === 'info' ? text : `${level}: ${text}`)
  }

  #tellTrouble(text: string | null): void {
    if (text === this.#trouble) return
    this.#voices.complain(text === null ? 'It answers again.' : cleanText(text))
    this.#trouble = text
  }
}

/** Time in UTC, to the second. */
function stamp(text: string, at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z ${text}\n`
}
