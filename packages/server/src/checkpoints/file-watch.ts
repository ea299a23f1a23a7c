/**
 * Looks for the files of checkpoints on this machine, at a calm pace: whether they are there and as large every ten minutes,
 * whether their bytes are the same once a week, and once one comes back. One is read at a time.
 */
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { PilothouseError } from '@pilothouse/contract'
import { CopyTaskError, runCopyTask } from '../copies/run-copy-task.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { type Look, lookForFiles } from './look-for-files.ts'
import type { DueLook } from './look-operations.ts'

export type Pace = {
  /** Between two rounds, and between two looks at one; ms. */
  roundMs: number
  lookMs: number
  /** Between two comparisons of its bytes, and of one whose bytes are others; ms. */
  sumMs: number
  corruptMs: number
  bytesPerSecond: number
}

const calm: Pace = {
  roundMs: 60_000,
  lookMs: 10 * 60_000,
  sumMs: 7 * 24 * 3_600_000,
  corruptMs: 3_600_000,
  bytesPerSecond: 32 * 1024 * 1024,
}

type Parts = {
  storage: Pick<StorageClient, 'call'>
  now: () => number
  logger: Pick<Logger, 'error'>
  pace?: Partial<Pace>
}

export class FileWatch {
  readonly #parts: Parts
  readonly #pace: Pace
  readonly #closing = new AbortController()
  /** Checkpoints that somebody wants to have looked at now, by their ids. */
  readonly #asked = new Map<number, Promise<void>>()
  /** Those that somebody had looked at since the round came to them: what the round saw is older. */
  readonly #overtaken = new Set<number>()
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#pace = { ...calm, ...parts.pace }
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.#look().finally(() => {
        this.#round = undefined
        if (!this.#closing.signal.aborted) this.start()
      })
    }, this.#pace.roundMs)
    this.#timer.unref()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#timer)
    await this.#round
    await Promise.allSettled(this.#asked.values())
  }

  /**
   * Looks at one now, its bytes included; resolves once that is written down.
   * @throws PilothouseError `conflict` where it does not lie here.
   */
  async check(one: DueLook): Promise<void> {
    if (one.host !== hostname()) {
      throw new PilothouseError('conflict', `«${one.name}» lies on ${one.host}, which is not reached from here.`, {
        hint: 'A running job looks after its own files; on its machine «sha256sum» compares them with the checksum.',
      })
    }
    const known = this.#asked.get(one.id)
    if (known) return known
    this.#overtaken.add(one.id)
    const looking = this.#lookFor(one, { isAsked: true }).finally(() => this.#asked.delete(one.id))
    this.#asked.set(one.id, looking)
    return looking
  }

  async #look(): Promise<void> {
    const { storage, now, logger } = this.#parts
    try {
      const before = now() - this.#pace.lookMs
      const due = await storage.call('checkpoints.due-looks', { host: hostname(), before })
      for (const one of due) {
        if (this.#closing.signal.aborted) return
        this.#overtaken.clear()
        await this.#lookFor(one, { isAsked: false })
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) logger.error({ err: error }, 'files of checkpoints could not be looked for')
    }
  }

  async #lookFor(one: DueLook, { isAsked }: { isAsked: boolean }): Promise<void> {
    const { id, uid, sha256 } = one
    const look = await lookForFiles(one)
    const isSummed = look.state === 'present' && (isAsked || this.#isDue(one))
    const found = isSummed ? await this.#compare(one, { look, isAsked }) : this.#keepDoubt(one, look)
    if (found === undefined || (!isAsked && this.#overtaken.has(id))) return
    await this.#parts.storage.call('checkpoints.note-look', { id, uid, sha256, ...found, isSummed })
  }

  /** What was gone or changed is fine again once its bytes have been compared. */
  #isDue({ state, summedAt }: DueLook): boolean {
    const age = this.#parts.now() - summedAt
    switch (state) {
      case 'missing':
        return true
      case 'corrupt':
        return age > this.#pace.corruptMs
      default:
        return age > this.#pace.sumMs
    }
  }

  /** As large as it was, which says nothing about one whose bytes are known to be others. */
  #keepDoubt({ state }: DueLook, look: Look): Look | undefined {
    return look.state === 'present' && state === 'corrupt' ? undefined : look
  }

  async #compare(one: DueLook, { look, isAsked }: { look: Look; isAsked: boolean }): Promise<Look | undefined> {
    const { signal } = this.#closing
    const bytesPerSecond = isAsked ? null : this.#pace.bytesPerSecond
    try {
      const { sha256 } = await runCopyTask({ kind: 'measure', path: one.uri, bytesPerSecond }, { signal })
      if (sha256 === one.sha256) return look
      return {
        ...look,
        state: 'corrupt',
        reason: `${one.uri} has other bytes than were written: its checksum is another one.`,
      }
    } catch (error) {
      if (!(error instanceof CopyTaskError)) return undefined
      return { ...look, state: 'hidden', reason: `${one.uri} cannot be read (${error.code ?? error.message}).` }
    }
  }
}
