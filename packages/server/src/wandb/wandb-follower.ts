/**
 * Follows runs at W&B: asks the storage which are due, and serves those of one member at one server one after another, with a
 * pause between two questions; members and servers do not wait for each other. Each answer is stored together with how far it
 * goes before the next is asked for, so a stop or a kill loses nothing and stores nothing twice.
 */
import { PilothouseError, type WandbKey } from '@pilothouse/contract'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Seal } from '../channels/seal.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { AskWandb, RunAnswer, WandbFault } from './ask-wandb.ts'
import { countRows, isRunOver, planNext, planRetry } from './plan-next.ts'
import { readHistory, readSummary } from './read-history.ts'
import type { ServerKeys } from './server-keys.ts'
import type { DueRun, SettledRun } from './wandb-runs.ts'

export type FollowerTimes = {
  /** Without anything due it looks again after so long. */
  lookMs: number
  /** Between two looks at a run that goes on. */
  pollMs: number
  /** Between two questions of one member to one server. */
  gapMs: number
  /** After the first try in vain; it doubles. */
  retryMs: number
  /** Without a key, or with one that is refused. */
  keylessMs: number
}
const calmTimes: FollowerTimes = { lookMs: 5_000, pollMs: 15_000, gapMs: 500, retryMs: 10_000, keylessMs: 60_000 }

/** Answers for one run before others have their turn. */
const answersInTurn = 20
/** A run that W&B does not know is given up after so many tries, once its job has ended. */
const triesMax = 8

type Parts = {
  storage: Pick<StorageClient, 'call'>
  seal: Seal
  keys: ServerKeys
  ask: AskWandb
  /** Of the user that the server runs as: only their jobs are followed with the key of the server. */
  adminId: number
  now: () => number
  logger: Pick<Logger, 'error'>
  times?: Partial<FollowerTimes> | undefined
}
type OpenedKey = { key: string } | { fault: string }

export class WandbFollower {
  readonly #parts: Parts
  readonly #times: FollowerTimes
  /** Work by member and server. */
  readonly #busy = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #lookAgain = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#times = { ...calmTimes, ...parts.times }
  }

  start(): void {
    this.#looking = this.#begin().finally(() => {
      this.#looking = undefined
      this.wake()
    })
  }

  /** Something may be due. */
  wake(): void {
    if (this.#stop.signal.aborted) return
    this.#lookAgain = true
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
      if (this.#lookAgain) this.wake()
    })
  }

  /** Nothing is asked any more; what is under way is stored. */
  async close(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#looking
    await Promise.allSettled(this.#busy.values())
  }

  /** Whose a key is, as W&B says. */
  async check(baseUrl: string, key: string): Promise<Pick<WandbKey, 'user' | 'fault'> & { isRefused: boolean }> {
    const asked = await this.#parts.ask.viewer({ baseUrl, key })
    if ('value' in asked) return { user: asked.value.user, fault: null, isRefused: false }
    return { user: null, fault: asked.message, isRefused: asked.fault === 'refused' }
  }

  /** The key that a member's runs at a server are read with, open; undefined without one. */
  async findKey(memberId: number, baseUrl: string, sealed: string | null): Promise<OpenedKey | undefined> {
    if (sealed !== null) return this.#open(sealed)
    return memberId === this.#parts.adminId ? this.#parts.keys.find(baseUrl) : undefined
  }

  #open(sealed: string): OpenedKey {
    try {
      return { key: this.#parts.seal.open(sealed) }
    } catch {
      return { fault: 'The key was sealed by another key file of the control room. Enter it anew.' }
    }
  }

  async #begin(): Promise<void> {
    try {
      await this.#parts.storage.call('wandb.rearm', null)
    } catch (error) {
      this.#complain(error)
    }
  }

  async #look(): Promise<void> {
    this.#lookAgain = false
    let waitMs = this.#times.lookMs
    try {
      const { due, nextMs } = await this.#parts.storage.call('wandb.due', null)
      if (nextMs !== null) waitMs = Math.min(waitMs, Math.max(0, nextMs - this.#parts.now()))
      for (const [name, runs] of Map.groupBy(due, (run) => `${run.ownerId} ${run.base_url}`)) this.#serve(name, runs)
    } catch (error) {
      this.#complain(error)
    }
    clearTimeout(this.#timer)
    if (this.#stop.signal.aborted) return
    this.#timer = setTimeout(() => this.wake(), waitMs)
    this.#timer.unref()
  }

  #complain(error: unknown): void {
    if (!this.#stop.signal.aborted) this.#parts.logger.error({ err: error }, 'runs at W&B could not be followed')
  }

  #serve(name: string, runs: readonly DueRun[]): void {
    if (this.#busy.has(name)) return
    const work = this.#follow(runs)
      .then(
        () => true,
        (error: unknown) => {
          this.#complain(error)
          return false
        },
      )
      .then((isDone) => {
        this.#busy.delete(name)
        if (isDone) this.wake() // else with the next look: a storage that is away is not asked at once again
      })
    this.#busy.set(name, work)
  }

  async #follow(runs: readonly DueRun[]): Promise<void> {
    const [first] = runs
    if (!first) return
    const found = await this.findKey(first.ownerId, first.base_url, first.sealed)
    if (found === undefined || 'fault' in found)
      return this.#settle(runs.map((run) => this.#withoutKey(run, found?.fault)))
    for (const [at, run] of runs.entries()) {
      if (this.#stop.signal.aborted) return
      const fault = await this.#followRun(run, found.key)
      // The others would fare no better now: a server that asks for a pause gets it, and a refused key stays refused.
      if (fault !== undefined && fault.fault !== 'missing')
        return this.#settle(runs.slice(at + 1).map((other) => this.#afterFault(other, fault)))
    }
  }

  async #followRun(run: DueRun, key: string): Promise<WandbFault | undefined> {
    let place = { next_step: run.next_step, window_steps: run.window_steps, key_count: run.key_count, state: run.state }
    for (let answers = 0; answers < answersInTurn && !this.#stop.signal.aborted; answers += 1) {
      const samples = countRows(place.key_count)
      const windowSteps = Math.max(place.window_steps, samples)
      const { base_url: baseUrl, entity, project, run: name } = run
      const range = { minStep: place.next_step, maxStep: place.next_step + windowSteps, samples }
      const asked = await this.#parts.ask.run({ baseUrl, key, entity, project, run: name, ...range })
      await this.#pause()
      if ('fault' in asked) {
        await this.#settle([this.#afterFault(run, asked)])
        return asked
      }
      const next = await this.#tryToTake({ ...run, ...place, window_steps: windowSteps }, asked.value, samples)
      if (next === undefined) return undefined
      if (!next.hasMore) return undefined
      place = { ...next, state: asked.value.state }
    }
    return undefined
  }

  /** Undefined where it cannot be stored: it is put off, and others have their turn. */
  async #tryToTake(run: DueRun, answer: RunAnswer, rowsAllowed: number) {
    try {
      return await this.#take(run, answer, rowsAllowed)
    } catch (error) {
      if (!(error instanceof PilothouseError)) throw error
      const message = `What W&B answered could not be stored: ${error.message}`
      await this.#settle([this.#afterFault(run, { fault: 'delayed', message, retryAfterMs: null })])
      return undefined
    }
  }

  /** Stores an answer, or nothing of one that may lack rows. */
  async #take(run: DueRun, answer: RunAnswer, rowsAllowed: number) {
    const { next_step: from, window_steps: windowSteps, prefix } = run
    const history = readHistory(answer.history, { from, prefix })
    const { lastStep, keyCount } = answer
    const read = { from, windowSteps, rowsAllowed, rows: history.rows, lastRow: history.lastStep, lastStep, keyCount }
    const next = planNext(read)
    const now = this.#parts.now()
    const standing = { ...answer, stateBefore: run.state, isJobEnded: run.isJobEnded, now }
    const isOver = !next.hasMore && isRunOver(standing)
    await this.#parts.storage.call('wandb.take', {
      id: run.id,
      from,
      nextStep: next.nextStep,
      windowSteps: next.windowSteps,
      keyCount,
      name: answer.name,
      state: answer.state,
      heartbeatMs: answer.heartbeatMs,
      status: isOver ? 'finished' : 'synced',
      nextMs: isOver ? null : next.hasMore ? now : now + this.#times.pollMs,
      blocks: next.isThinned ? [] : history.blocks,
      summary: isOver ? readSummary(answer.summary) : null,
    })
    return {
      next_step: next.nextStep,
      window_steps: next.windowSteps,
      key_count: keyCount,
      hasMore: next.hasMore,
    }
  }

  #withoutKey({ id }: DueRun, fault: string | undefined): SettledRun {
    const nextMs = this.#parts.now() + this.#times.keylessMs
    const message = fault ?? 'Its values are read once its owner has entered a key for W&B.'
    return { id, status: fault === undefined ? 'needs-key' : 'refused', message, tries: 0, nextMs }
  }

  #afterFault({ id, tries, isJobEnded }: DueRun, { fault, message, retryAfterMs }: WandbFault): SettledRun {
    const inVain = tries + 1
    const now = this.#parts.now()
    if (fault === 'missing' && isJobEnded && inVain >= triesMax)
      return { id, status: 'given-up', message, tries: inVain, nextMs: null }
    const firstMs = fault === 'refused' ? Math.max(this.#times.keylessMs, this.#times.retryMs) : this.#times.retryMs
    return { id, status: fault, message, tries: inVain, nextMs: now + planRetry(tries, { firstMs, retryAfterMs }) }
  }

  async #settle(settled: readonly SettledRun[]): Promise<void> {
    if (settled.length > 0) await this.#parts.storage.call('wandb.settle', settled)
  }

  async #pause(): Promise<void> {
    try {
      await wait(this.#times.gapMs, undefined, { signal: this.#stop.signal })
    } catch {
      // It stops.
    }
  }
}
