/** How a target is reached: by a shell of this machine, or by a connection that is made when it is needed, and anew. */
import type { Readable } from 'node:stream'
import { makeLocalPlace } from '../mailbox/local-place.ts'
import type { MailboxPlace } from '../mailbox/mailbox-place.ts'
import { makeSshPlace } from '../mailbox/ssh-place.ts'
import { RunError } from '../runs/run-error.ts'
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
  /** @param place as the machine itself reaches it @throws SshError */
  reach(place: ReachedPlace, options?: { signal?: AbortSignal | undefined }): Promise<ReachedPlace>
  /** Nothing leads there any more. */
  leave(place: ReachedPlace): Promise<void>
  /** @param port of the loopback over there, which leads to `place` here until all is closed @throws SshError */
  expose(port: number, place: ReachedPlace, options?: { signal?: AbortSignal | undefined }): Promise<void>
  close(): Promise<void>
}

export type ReachedPlace = { host: string; port: number }

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
    reach: async (place) => place,
    leave: async () => undefined,
    expose: () => refuseToExpose('this machine'),
    close: async () => undefined,
  }
}

/**
 * @param name for words, before there is a connection
 * @param connect makes one; it is called again when that has ended, and not while one stands
 */
export function makeSshWay(name: string, connect: (signal: AbortSignal) => Promise<SshLink>): TargetWay {
  const kept = new KeptLink(connect)
  const ports = new ForwardedPorts()
  const exposed = new ExposedPorts()
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
    reach: (place, options) =>
      kept.use((link) => ports.reach(link, place), { mayRepeat: true, signal: options?.signal }),
    leave: (place) => ports.leave(place),
    expose: (port, place, options) =>
      kept.use((link) => exposed.open(link, port, place), { mayRepeat: true, signal: options?.signal }),
    close: async () => {
      await ports.close()
      await exposed.close()
      await kept.close()
    },
  }
}

/** @throws RunError `unable` */
export async function refuseToExpose(name: string): Promise<never> {
  const message = `No port of ${name} can lead to this machine.`
  throw new RunError('unable', message, 'Only machines that are reached by ssh alone have that.')
}

type ForwardedPort = { link: SshLink; opened: ReturnType<SshLink['forwardHere']> }

/** Ports of this machine that lead over there, one for each place, as long as its connection stands. */
class ForwardedPorts {
  readonly #ports = new Map<string, ForwardedPort>()

  async reach(link: SshLink, { host, port }: ReachedPlace): Promise<ReachedPlace> {
    const name = `${host} ${port}`
    const known = this.#ports.get(name)
    if (known?.link === link) return { host: '127.0.0.1', port: (await known.opened).port }
    const made = { link, opened: link.forwardHere({ host, port }) }
    this.#ports.set(name, made)
    const forget = (): void => {
      if (this.#ports.get(name) === made) this.#ports.delete(name)
    }
    void link.closed.then(forget)
    made.opened.catch(forget)
    return { host: '127.0.0.1', port: (await made.opened).port }
  }

  /** A connection that is shared with others goes on without it. */
  async leave({ host, port }: ReachedPlace): Promise<void> {
    const name = `${host} ${port}`
    const known = this.#ports.get(name)
    this.#ports.delete(name)
    const opened = await known?.opened.catch(() => undefined) // whoever asked for it was told
    await opened?.close().catch(() => undefined) // the connection is gone, and it with it
  }

  async close(): Promise<void> {
    const places = [...this.#ports.keys()].map((name) => name.split(' '))
    await Promise.all(places.map(([host = '', port]) => this.leave({ host, port: Number(port) })))
  }
}

type ExposedPort = { link: SshLink; opened: ReturnType<SshLink['forwardBack']> }

/** Ports over there that lead to this machine, as long as their connection stands. */
class ExposedPorts {
  readonly #ports = new Map<number, ExposedPort>()

  async open(link: SshLink, port: number, target: ReachedPlace): Promise<void> {
    const known = this.#ports.get(port)
    if (known?.link === link) return void (await known.opened)
    const made = { link, opened: link.forwardBack(port, target) }
    this.#ports.set(port, made)
    const forget = (): void => {
      if (this.#ports.get(port) === made) this.#ports.delete(port)
    }
    void link.closed.then(forget)
    made.opened.catch(forget)
    await made.opened
  }

  /** A connection that is shared with others goes on without them. */
  async close(): Promise<void> {
    for (const { opened } of this.#ports.values()) {
      const way = await opened.catch(() => undefined) // whoever asked for it was told
      await way?.close().catch(() => undefined) // the connection is gone, and it with it
    }
    this.#ports.clear()
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
