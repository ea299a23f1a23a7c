/**
 * Connections that admins make by hand. While one is made, ssh asks through us; what is answered goes to it and nowhere else.
 * One that stands serves everybody until it ends; then a person is needed again.
 *
 *   none → connecting ⇄ asking → connected → ended → connecting …
 *                   └─────┴────→ failed ────────────┘
 */
import { type Connection, type ConnectionAnswer, PilothouseError } from '@pilothouse/contract'
import {
  type AskpassQuestion,
  openAskpass,
  SshError,
  SshLink,
  type SshLinkOptions,
  sshLinkLimits,
} from '@pilothouse/fleet'

type Question = NonNullable<Connection['question']> & { settle: (answer: string | null) => void }
type Made = {
  /** What it was made with: another configuration needs another one. */
  stamp: string
  state: Connection['state']
  question: Question | null
  asked: number
  answered: number
  texts: Set<string>
  since: number | null
  until: number | null
  trouble: Connection['trouble']
  link: SshLink | null
  cancelling: AbortController
  opening: Promise<void>
}
type Parts = {
  /** For the program that ssh asks by. */
  folder: string
  now: () => number
  /** So long an admin has for all that is asked. */
  askingMs?: number
}

export class Connections {
  readonly #parts: Parts
  readonly #made = new Map<string, Made>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  describe(name: string): Connection {
    const made = this.#made.get(name)
    if (!made) return { state: 'none', question: null, since: null, until: null, trouble: null }
    const { state, since, until, trouble } = made
    if (made.question === null) return { state, question: null, since, until, trouble }
    const { settle: _, ...question } = made.question
    return { state, question, since, until, trouble }
  }

  /** Begins to connect, unless that is under way or done. */
  begin(name: string, options: SshLinkOptions, onConnected: () => void): void {
    const kept = this.#made.get(name)
    if (kept && isAlive(kept) && kept.stamp === JSON.stringify(options)) return
    if (kept) void leave(kept)
    const made: Made = {
      stamp: JSON.stringify(options),
      state: 'connecting',
      question: null,
      asked: 0,
      answered: 0,
      texts: new Set(),
      since: null,
      until: this.#parts.now() + (this.#parts.askingMs ?? sshLinkLimits.openAskingMs),
      trouble: null,
      link: null,
      cancelling: new AbortController(),
      opening: Promise.resolve(),
    }
    this.#made.set(name, made)
    made.opening = this.#open(name, made, options).then(() => {
      if (made.link !== null) onConnected()
    })
  }

  /** @throws PilothouseError `conflict` when that is not asked any more */
  answer(name: string, { id, answer }: ConnectionAnswer): void {
    const made = this.#made.get(name)
    const question = made?.question
    if (!made || question?.id !== id)
      throw new PilothouseError('conflict', 'ssh does not ask this any more.', {
        hint: 'See what it asks now; it may have been given up, or somebody else answered.',
      })
    made.answered += 1
    question.settle(answer)
  }

  /** Gives up what is being made, or ends what stands. */
  async end(name: string): Promise<void> {
    const made = this.#made.get(name)
    this.#made.delete(name)
    if (made) await leave(made)
  }

  /** The one that stands, for one more who uses it; else what became of it. */
  use(name: string, options: SshLinkOptions): SshLink | 'none' | 'ended' {
    const made = this.#made.get(name)
    if (!made || made.stamp !== JSON.stringify(options)) return 'none'
    return made.link?.share() ?? (made.since === null ? 'none' : 'ended')
  }

  /** Ends those to what is not named any more. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#made.keys()) if (!names.has(name)) void this.end(name)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#made.keys()].map((name) => this.end(name)))
  }

  async #open(name: string, made: Made, options: SshLinkOptions): Promise<void> {
    const { folder, now, askingMs } = this.#parts
    const askpass = await openAskpass({ folder, answer: (question) => ask(made, question) })
    try {
      const link = await SshLink.open({ ...options, askpass, askingMs, signal: made.cancelling.signal })
      Object.assign(made, { link, state: 'connected', since: now(), until: null, question: null })
      void link.closed.then((error) => {
        made.link = null
        made.state = 'ended'
        made.trouble = error && describe(error)
      })
    } catch (error) {
      Object.assign(made, { state: 'failed', until: null, question: null, trouble: explain(name, made, error) })
    } finally {
      await askpass.close()
    }
  }
}

function isAlive({ state }: Made): boolean {
  return state === 'connecting' || state === 'asking' || state === 'connected'
}

async function leave(made: Made): Promise<void> {
  made.cancelling.abort()
  made.question?.settle(null)
  await made.opening
  await made.link?.close()
}

/** One question after the other; hosts on the way may ask, too. */
function ask(made: Made, { text, kind, signal }: AskpassQuestion): Promise<string | null> {
  // Keys of hosts are looked at and accepted apart, with care.
  if (/\(yes\/no(\/\[fingerprint\])?\)\?/.test(text)) return Promise.resolve('no')
  return new Promise((resolve) => {
    const settle = (answer: string | null): void => {
      if (made.question?.settle === settle) {
        made.question = null
        if (made.state === 'asking') made.state = 'connecting'
      }
      resolve(answer)
    }
    made.asked += 1
    made.question?.settle(null)
    // Where several things are asked in turn, it begins with the first again.
    made.question = { id: made.asked, text, kind, isRepeated: made.texts.has(text), settle }
    made.texts.add(text)
    made.state = 'asking'
    signal.addEventListener('abort', () => settle(null), { once: true })
    if (signal.aborted || made.cancelling.signal.aborted) settle(null)
  })
}

/** The client knows neither that somebody was asked nor that nobody answered. */
function explain(name: string, { asked, answered }: Made, error: unknown): NonNullable<Connection['trouble']> {
  const trouble = describe(error)
  if (asked === 0) return trouble
  const { kind } = trouble
  if (kind === 'authentication' && answered > 0)
    return {
      kind,
      message: `${name} did not take what was answered.`,
      hint: 'Connect again with the right answers: a code holds for half a minute, and mostly once. Many wrong ones in a row may lock an account.',
    }
  if (kind === 'slow')
    return { kind, message: `What ${name} asks was not answered in time.`, hint: 'Connect again and answer sooner.' }
  if (kind === 'closed')
    return {
      kind,
      message: `${name} ended the login before it was through.`,
      hint: 'Hosts wait for answers so long and no longer (mostly two minutes), and take so many wrong ones: connect again.',
    }
  return trouble
}

function describe(error: unknown): NonNullable<Connection['trouble']> {
  if (error instanceof SshError) return { kind: error.kind, message: error.message, hint: error.hint }
  const message = error instanceof Error ? error.message : String(error)
  return { kind: 'other', message, hint: 'See the log of the control room.' }
}
