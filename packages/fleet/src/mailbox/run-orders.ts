/** Commands for one run, fetched as soon as they are given, for its `ack.json`. */
import type { CommandTaken } from '@pilothouse/contract'
import { setTimeout as wait } from 'node:timers/promises'
import type { MadeJob, MailboxServer } from './mailbox-server.ts'

export const orderTimes = {
  /** After a failure, and between two answers that came at once. */
  pauseFirstMs: 250,
  pauseMaxMs: 10_000,
} as const

/** So many of the last ones are told; a script knows those that it has. */
const toldMax = 200

type Told = Pick<CommandTaken, 'pinned'> & { commands: (CommandTaken['commands'][number] & { readAt: number })[] }

export class RunOrders {
  readonly #stop = new AbortController()
  #told: Told = { commands: [], pinned: [] }
  #last = 0
  /** Something is new since `write`. */
  hasNews = false

  constructor(job: MadeJob, server: MailboxServer, clock: () => number) {
    void this.#listen(job, server, clock)
  }

  /** What the script is told; null while there is nothing. `now` on the clock that was given. */
  write(now: number): Pick<CommandTaken, 'commands' | 'pinned'> | null {
    this.hasNews = false
    const { commands, pinned } = this.#told
    if (commands.length + pinned.length === 0) return null
    const left = commands.map(({ readAt, expiresInMs, ...command }) => ({
      ...command,
      expiresInMs: Math.max(0, Math.round(expiresInMs - (now - readAt))),
    }))
    return { commands: left.filter(({ expiresInMs }) => expiresInMs > 0), pinned }
  }

  close(): void {
    this.#stop.abort()
  }

  async #listen({ uid, attempt }: MadeJob, server: MailboxServer, clock: () => number): Promise<void> {
    const { signal } = this.#stop
    let pauseMs: number = orderTimes.pauseFirstMs
    while (!signal.aborted) {
      try {
        const taken = await server.takeCommands(uid, { attempt, after: this.#last }, signal)
        pauseMs = this.#take(taken, clock()) ? orderTimes.pauseFirstMs : Math.min(orderTimes.pauseMaxMs, pauseMs * 1.5)
        if (taken.isOver) pauseMs = orderTimes.pauseMaxMs
      } catch {
        // The collector says it when the server is away; commands wait there.
        pauseMs = Math.min(orderTimes.pauseMaxMs, pauseMs * 2)
      }
      await wait(pauseMs, undefined, { signal }).catch(() => undefined) // aborted: the loop looks at the signal
    }
  }

  /** True when something is new. */
  #take({ commands, pinned }: CommandTaken, readAt: number): boolean {
    const isNew = commands.length > 0 || pinned.join('\n') !== this.#told.pinned.join('\n')
    this.#last = Math.max(this.#last, ...commands.map(({ id }) => id))
    const all = [...this.#told.commands, ...commands.map((command) => ({ ...command, readAt }))]
    this.#told = { commands: all.slice(-toldMax), pinned }
    this.hasNews ||= isNew
    return isNew
  }
}
