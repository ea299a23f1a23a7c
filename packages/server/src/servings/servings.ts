/**
 * Starts engines and looks after those that were started from here: asks each whether it answers, makes it known then, keeps the
 * way there open, and ends what nobody uses. What runs is a job like any other (room `launches`); this follows it. All that is
 * decided stands in the storage before it counts: after a stop, or a kill, each goes on from where it was.
 */
import { type Engine, PilothouseError, type Serving } from '@pilothouse/contract'
import { makeUid } from '@pilothouse/fleet'
import type { Logger } from 'pino'
import type { Seal } from '../channels/seal.ts'
import type { Engines } from '../engines/engines.ts'
import type { LaunchKeeper } from '../launches/launch-keeper.ts'
import { describeFault } from '../launches/prepare-launch.ts'
import { Sleeper } from '../launches/sleeper.ts'
import type { TargetBook } from '../launches/target-book.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { askServing } from './ask-serving.ts'
import { isIdle, judgeEnd, judgeServing } from './judge-serving.ts'
import { choosePort, writeLaunch } from './plan-serving.ts'
import { ServingPlaces } from './serving-places.ts'
import type { KeptServing } from './serving-rows.ts'
import { keyVariables } from './write-command.ts'

export type ServingTimes = {
  /** Between two looks. */
  lookMs: number
  /** From the beginning of its job until it must answer: weights may have to be fetched first. */
  startMs: number
}
const calmTimes: ServingTimes = { lookMs: 2_000, startMs: 3_600_000 }
/** Nothing is under way: whoever brings something wakes it. */
const restMs = 600_000
/** Use is written down so often. */
const useEveryMs = 10_000
/** Of the end of a log. */
const linesRead = 50

export type ServingParts = {
  storage: Pick<StorageClient, 'call'>
  seal: Seal
  engines: Engines
  targets: TargetBook
  launches: LaunchKeeper
  now: () => number
  /** A whole number below `max`. */
  random: (max: number) => number
  logger: Pick<Logger, 'error'>
  times?: Partial<ServingTimes> | undefined
}

/** What is known of one while the server runs. */
type Seen = {
  /** Since when its job runs. */
  runningAt: number | null
  /** Of which job it was asked that it ends. */
  cancelled: string | null
  /** Tokens that it had computed. */
  tokens: number | null
  /** Why it does not answer yet. */
  words: string | null
}

export class Servings {
  readonly #parts: ServingParts
  readonly #times: ServingTimes
  readonly #places: ServingPlaces
  readonly #seen = new Map<number, Seen>()
  /** Steps under way, one for each at a time: one that waits for its target holds up no other. */
  readonly #busy = new Map<number, Promise<void>>()
  /** When an engine was used last, by its id. */
  readonly #uses = new Map<number, number>()
  readonly #closing = new AbortController()
  readonly #sleeper = new Sleeper()
  #running: Promise<void> = Promise.resolve()

  constructor(parts: ServingParts) {
    this.#parts = parts
    this.#times = { ...calmTimes, ...parts.times }
    this.#places = new ServingPlaces(parts.targets, this.#closing.signal)
  }

  /** Goes on with those under way. */
  start(): void {
    this.#running = this.#run()
  }

  /** Looks at once at what has changed. */
  wake(): void {
    this.#sleeper.wake()
  }

  /**
   * An engine is used: a request is sent to it, or is under way. Called as often as wanted. Beside that counts as use what an
   * engine tells at `/metrics`: requests that run or wait, tokens that became more.
   */
  noteUse(engineId: number): void {
    this.#uses.set(engineId, this.#parts.now())
  }

  /** Those under way and the last that ended, the newest first. */
  async list(): Promise<Serving[]> {
    const { servings } = await this.#parts.storage.call('servings.list', null)
    return servings.map((one) => ({ ...one, trouble: one.trouble ?? this.#seen.get(one.id)?.words ?? null }))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
    await Promise.all(this.#busy.values())
    await this.#places.leaveUnused(new Set())
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const count = await this.#look().catch((error: unknown) => {
        this.#complain(error)
        return 1
      })
      await this.#sleeper.sleep(count > 0 ? this.#times.lookMs : restMs, this.#closing.signal)
    }
  }

  /** Begins a step of each that is under way. @returns how many there are */
  async #look(): Promise<number> {
    const open = await this.#parts.storage.call('servings.open', null)
    const ids = new Set(open.map(({ id }) => id))
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id)
    const engines = open.some(({ state }) => state === 'ready') ? await this.#parts.engines.list() : []
    for (const serving of open) {
      if (this.#busy.has(serving.id)) continue
      const engine = engines.find(({ id }) => id === serving.engineId)
      const step = this.#step(serving, engine).finally(() => this.#busy.delete(serving.id))
      this.#busy.set(serving.id, step)
    }
    await this.#places.leaveUnused(new Set(open.map(({ spec }) => spec.target)))
    return open.length
  }

  async #step(serving: KeptServing, engine: Engine | undefined): Promise<void> {
    const seen = this.#see(serving.id)
    const next = judgeServing(serving)
    try {
      switch (next) {
        case 'end':
          return await this.#end(serving)
        case 'cancel':
          return await this.#cancel(serving, seen)
        case 'reach':
          return await (serving.state === 'ready' ? this.#keep(serving, engine, seen) : this.#welcome(serving, seen))
        case 'wait':
          seen.runningAt = null
          seen.words = serving.waitsFor
          return
        default:
          return next satisfies never
      }
    } catch (error) {
      if (this.#closing.signal.aborted) return
      const { words, hint } = describeFault(error)
      seen.words = `${words} ${hint}`
      if (error instanceof TypeError || error instanceof RangeError) this.#complain(error)
    }
  }

  #see(id: number): Seen {
    const seen = this.#seen.get(id) ?? { runningAt: null, cancelled: null, tokens: null, words: null }
    this.#seen.set(id, seen)
    return seen
  }

  /** One that runs and has not answered yet. */
  async #welcome(serving: KeptServing, seen: Seen): Promise<void> {
    const { storage, now } = this.#parts
    seen.runningAt ??= now()
    if (now() - seen.runningAt > this.#times.startMs) return this.#giveUp(serving)
    const baseUrl = await this.#places.reach(serving)
    seen.words = await askServing(serving, {
      baseUrl,
      apiKey: this.#parts.seal.open(serving.sealedKey),
      signal: this.#closing.signal,
    })
    if (seen.words !== null) return
    try {
      const engineId = await storage.call('servings.ready', { id: serving.id, baseUrl })
      if (engineId !== null) await this.#tellEngines(engineId)
    } catch (error) {
      if (!(error instanceof PilothouseError) || error.code !== 'conflict') throw error
      await this.#stop(serving, `${error.message} ${error.hint ?? ''}`.trim())
    }
  }

  async #giveUp(serving: KeptServing): Promise<void> {
    const [said] = (await this.#readLines(serving.jobUid)).filter((line) => line.trim() !== '').slice(-1)
    const minutes = Math.round(this.#times.startMs / 60_000)
    const last = said === undefined ? 'It printed nothing.' : `The last that it printed: ${said.trim()}`
    await this.#stop(serving, `It did not answer within ${minutes} minutes. ${last}`)
  }

  /** One that is known as an engine. */
  async #keep(serving: KeptServing, engine: Engine | undefined, seen: Seen): Promise<void> {
    const { storage, now, engines } = this.#parts
    const { id } = serving
    const usedAt = await this.#readUse(serving, engine, seen)
    if (isIdle({ ...serving, usedAt }, now()))
      return this.#stop(serving, `Nobody had used it for ${serving.idleMinutes ?? 0} minutes.`)
    const { baseUrl, fault } = await this.#tryReach(serving)
    if (this.#closing.signal.aborted) return
    if (baseUrl !== serving.baseUrl) {
      await storage.call('servings.move', { id, baseUrl })
      await engines.refresh()
    }
    if (baseUrl === null) throw fault
    seen.words = null
  }

  /** @returns when it was used last, ms; null: never */
  async #readUse(
    { id, engineId, usedAt }: KeptServing,
    engine: Engine | undefined,
    seen: Seen,
  ): Promise<number | null> {
    const { storage, now } = this.#parts
    const figures = engine?.figures
    if (figures) {
      const tokens = (figures.promptTokens ?? 0) + (figures.outputTokens ?? 0)
      const isWorking = (figures.running ?? 0) + (figures.waiting ?? 0) > 0
      if (engineId !== null && (isWorking || (seen.tokens !== null && tokens > seen.tokens))) this.noteUse(engineId)
      seen.tokens = tokens
    }
    const last = engineId === null ? undefined : this.#uses.get(engineId)
    if (last === undefined || last <= (usedAt ?? 0)) return usedAt
    if (last - (usedAt ?? 0) >= useEveryMs || now() - last >= useEveryMs)
      await storage.call('servings.use', { id, at: last })
    return last
  }

  async #stop({ id }: KeptServing, trouble: string): Promise<void> {
    await this.#parts.storage.call('servings.stop', { id, actor: null, trouble })
    await this.#parts.engines.refresh()
    this.wake()
  }

  async #cancel({ jobUid: uid, ownerId }: KeptServing, seen: Seen): Promise<void> {
    if (seen.cancelled === uid) return
    const { storage, launches } = this.#parts
    const actor = { memberId: ownerId, all: true, jobUid: null }
    await storage.call('launches.order', { uid, order: 'cancel', actor })
    seen.cancelled = uid
    await launches.wake([uid])
  }

  async #end(serving: KeptServing): Promise<void> {
    const { storage, engines } = this.#parts
    const { id, jobUid, engineId } = serving
    const end = judgeEnd(serving, serving.jobState === null ? [] : await this.#readLines(jobUid))
    await this.#places.leave(serving)
    if (end.kind === 'retry') return this.#retry(serving)
    await storage.call('servings.end', { id, state: end.state, trouble: end.trouble })
    if (engineId === null) return
    this.#uses.delete(engineId)
    await engines.refresh()
  }

  async #retry(serving: KeptServing): Promise<void> {
    const { storage, launches, random } = this.#parts
    const facts = await launches.gatherFacts(serving)
    const port = choosePort(random)
    const launch = writeLaunch({ ...serving, port, uid: makeUid(random) }, facts)
    await storage.call('servings.retry', { id: serving.id, launch, target: facts.target?.kind ?? 'local', port })
    await launches.wake([launch.uid])
    this.wake()
  }

  async #tellEngines(engineId: number): Promise<void> {
    await this.#parts.engines.refresh()
    await this.#parts.engines.check(engineId)
  }

  async #readLines(uid: string): Promise<string[]> {
    const page = await this.#parts.storage.call('logs.page', { uid, query: { count: linesRead } })
    return [...page.lines.map(({ text }) => text), ...(page.open === null ? [] : [page.open])]
  }

  async #tryReach(serving: KeptServing): Promise<{ baseUrl: string; fault: null } | { baseUrl: null; fault: unknown }> {
    try {
      return { baseUrl: await this.#places.reach(serving), fault: null }
    } catch (fault) {
      return { baseUrl: null, fault }
    }
  }

  #complain(error: unknown): void {
    if (!this.#closing.signal.aborted) this.#parts.logger.error({ err: error }, 'looking after an engine failed')
  }
}

/** What the run folder of a job has beside what is shown of it: the key of the engine that it is. */
export async function readSecrets(
  { storage, seal }: Pick<ServingParts, 'storage' | 'seal'>,
  uid: string,
): Promise<Record<string, string>> {
  const sealed = await storage.call('servings.find-key', { uid })
  if (sealed === null) return {}
  const key = seal.open(sealed)
  return Object.fromEntries(keyVariables.map((name) => [name, key]))
}
