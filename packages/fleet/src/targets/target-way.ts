/** How a target is reached: by a shell of this machine, or by a connection that is made when it is needed, and anew. */
import type { Readable } from 'node:stream'
import { makeLocalPlace } from '../mailbox/local-place.ts'
import type { MailboxPlace } from '../mailbox/mailbox-place.ts'
import { makeSshPlace } from '../mailbox/ssh-place.ts'
import { makeLocalRunner, ScriptError, type ScriptRunner } from '../script-runner.ts'
import { feedCommand, leadIn } from '../ssh/feed-script.ts'
import { runFed } from '../ssh/run-ssh.ts'
import { SshError } from '../ssh/ssh-error.ts'
import type { ScriptOptions, ShellLane, SshLink } from '../ssh/ssh-link.ts'

export type TargetWay = {
  readonly runner: ScriptRunner
  /** Runs a script that reads `input`, and gives what it printed. @throws SshError, ScriptError */
  feed(script: string, options: ScriptOptions & { mark: string; input: Readable }): Promise<Buffer>
  /** @param mailboxes whole paths */
  watchMailboxes(mailboxes: () => readonly string[]): MailboxPlace
  close(): Promise<void>
}

/** @param environment of what runs; that of this process by default */
export function makeLocalWay(environment: NodeJS.ProcessEnv = process.env): TargetWay {
  return {
    runner: makeLocalRunner(environment),
    async feed(script, { mark, input, timeoutMs, outputBytesMax, signal }) {
      const limits = { timeoutMs, stdoutBytesMax: outputBytesMax, signal }
      const run = await runFed('sh', ['-c', feedCommand], {
        input: leadIn(script, mark, input),
        environment,
        ...limits,
      })
      signal?.throwIfAborted()
      if (run.stopped !== null) throw new ScriptError(run.stopped === 'time' ? 'slow' : 'endless')
      return run.stdout
    },
    watchMailboxes: makeLocalPlace,
    close: async () => undefined,
  }
}

/**
 * @param name for words, before there is a connection
 * @param connect makes one; it is called again when that has ended, and not while one stands
 */
export function makeSshWay(name: string, connect: (signal: AbortSignal) => Promise<SshLink>): TargetWay {
  const kept = new KeptLink(connect)
  return {
    runner: {
      name,
      run: async (script, { mayRepeat, ...options }) => {
        const { signal } = options
        if (!mayRepeat) return kept.use((link) => link.run(script, options), { mayRepeat, signal })
        return (await kept.use((link) => link.runAgain(script, options), { mayRepeat, signal })).output
      },
    },
    feed: (script, { mark: _, ...options }) =>
      kept.use((link) => link.feed(script, options), { mayRepeat: false, signal: options.signal }),
    watchMailboxes: (mailboxes) => {
      const runAgain = (script: string, options: ScriptOptions & { lane?: ShellLane }) =>
        kept.use((link) => link.runAgain(script, options), { mayRepeat: true, signal: options.signal })
      return makeSshPlace({ host: name, runAgain }, mailboxes)
    },
    close: () => kept.close(),
  }
}

class KeptLink {
  readonly #connect: (signal: AbortSignal) => Promise<SshLink>
  readonly #closing = new AbortController()
  #link: SshLink | null = null
  #opening: Promise<SshLink> | null = null

  constructor(connect: (signal: AbortSignal) => Promise<SshLink>) {
    this.#connect = connect
  }

  /** What turns out to go over a connection that has ended goes over a new one, if it may be done twice. */
  async use<Answer>(
    work: (link: SshLink) => Promise<Answer>,
    { mayRepeat, signal }: { mayRepeat: boolean; signal: AbortSignal | undefined },
  ): Promise<Answer> {
    const isKept = this.#link !== null
    const link = await this.#get(signal)
    try {
      return await work(link)
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof SshError) || error.kind !== 'closed') throw error
      await this.#leave(link)
      if (!mayRepeat || !isKept) throw error
      return work(await this.#get(signal))
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#opening?.catch(() => undefined) // whoever asked for it is told
    await this.#link?.close()
    this.#link = null
  }

  /** Several that ask at once get the same; one that gives up leaves it to the others. */
  async #get(signal: AbortSignal | undefined): Promise<SshLink> {
    if (this.#link !== null) return this.#link
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null
    })
    return signal === undefined ? this.#opening : Promise.race([this.#opening, rejectOn(signal)])
  }

  async #open(): Promise<SshLink> {
    const link = await this.#connect(this.#closing.signal)
    this.#link = link
    void link.closed.then(() => this.#forget(link))
    return link
  }

  async #leave(link: SshLink): Promise<void> {
    this.#forget(link)
    await link.close()
  }

  #forget(link: SshLink): void {
    if (this.#link === link) this.#link = null
  }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('It was given up.'))
    if (signal.aborted) refuse()
    else signal.addEventListener('abort', refuse, { once: true })
  })
}
