/**
 * Looks after workers that are launched from here: keeps the ways by which those behind ssh find the control room, and revokes
 * the token of each whose job is over. What runs is a job like any other (room `launches`); what it does, it does like any other
 * worker (room `work`). Rows say what is to be done, so that after a stop, or a kill, it goes on from where it was.
 */
import { type LaunchedWorker, PilothouseError, type TargetKind } from '@pilothouse/contract'
import type { Logger } from 'pino'
import type { Access } from '../access/access.ts'
import type { Seal } from '../channels/seal.ts'
import { describeFault } from '../launches/prepare-launch.ts'
import { Sleeper } from '../launches/sleeper.ts'
import type { TargetBook } from '../launches/target-book.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { Work } from '../work/work.ts'
import { FarWays } from './far-ways.ts'
import { chooseUrl, type Rooms } from './plan-workers.ts'
import type { KeptWorker } from './worker-operations.ts'

/** Between two looks, ms. */
const lookMsDefault = 2_000
/** There are none: whoever launches some wakes it. */
const restMs = 600_000
/** Ports that nobody has by custom, below those that systems give away for connections. */
const farPorts = { from: 20_000, to: 30_000, triesMax: 3 }

export type LaunchedWorkersParts = {
  storage: Pick<StorageClient, 'call'>
  access: Access
  work: Work
  targets: TargetBook
  /** Known once the server listens. */
  rooms: () => Rooms
  /** A whole number below `max`. */
  random: (max: number) => number
  logger: Pick<Logger, 'error'>
  lookMs?: number | undefined
}

export class LaunchedWorkers {
  readonly #parts: LaunchedWorkersParts
  readonly #closing = new AbortController()
  readonly #ways: FarWays
  readonly #sleeper = new Sleeper()
  /** Targets that have been given a port, and whose workers are not in the storage yet. */
  readonly #awaited = new Map<string, number>()
  /** Why the way from a target does not stand, by its name. */
  readonly #troubles = new Map<string, string>()
  #running: Promise<void> = Promise.resolve()

  constructor(parts: LaunchedWorkersParts) {
    this.#parts = parts
    this.#ways = new FarWays(parts.targets, this.#closing.signal)
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Looks at once at what has changed. */
  wake(): void {
    this.#sleeper.wake()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
    await this.#ways.leaveUnused(new Set())
  }

  /** By name; one whose job is over is there until its token is revoked. */
  async list(): Promise<LaunchedWorker[]> {
    const kept = await this.#parts.storage.call('workers.kept', null)
    return kept.map(({ name, target, jobUid, jobState: state, url, farPort }) => {
      const trouble = farPort === null ? null : (this.#troubles.get(target) ?? null)
      return { name, target, jobUid, state, url, trouble }
    })
  }

  /**
   * Finds how workers of a target reach the control room, and opens that way where one has to be; `use` stores who needs it.
   * @throws PilothouseError `invalid`; what `use` throws; TargetFault
   */
  async withUrl<Result>(
    { target, kind, url: asked }: { target: string; kind: TargetKind; url: string | undefined },
    use: (place: { url: string; farPort: number | null }) => Promise<Result>,
  ): Promise<Result> {
    const url = chooseUrl(asked, kind, this.#parts.rooms())
    if (url !== 'ssh') return use({ url, farPort: null })
    this.#awaited.set(target, (this.#awaited.get(target) ?? 0) + 1)
    try {
      const farPort = await this.#openWay(target)
      return await use({ url: `http://127.0.0.1:${farPort}`, farPort })
    } finally {
      this.#awaited.set(target, (this.#awaited.get(target) ?? 1) - 1)
      this.wake()
    }
  }

  async #openWay(target: string): Promise<number> {
    const { storage, random } = this.#parts
    const known = await storage.call('workers.find-far-port', { target })
    for (let tries = 1; ; tries += 1) {
      const port = known ?? farPorts.from + random(farPorts.to - farPorts.from)
      try {
        await this.#ways.keep(target, port, this.#here())
        return port
      } catch (error) {
        const mayBeTaken = error instanceof Error && 'kind' in error && error.kind === 'other'
        if (!mayBeTaken || known !== null || tries >= farPorts.triesMax) throw asUnavailable(error)
      }
    }
  }

  #here(): { host: string; port: number } {
    const { hostname, port } = new URL(this.#parts.rooms().own)
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const count = await this.#look().catch((error: unknown) => {
        this.#complain(error)
        return 1
      })
      await this.#sleeper.sleep(count > 0 ? (this.#parts.lookMs ?? lookMsDefault) : restMs, this.#closing.signal)
    }
  }

  /** @returns how many there are */
  async #look(): Promise<number> {
    const kept = await this.#parts.storage.call('workers.kept', null)
    for (const worker of kept) if (worker.isOver) await this.#end(worker)
    const open = kept.filter(({ isOver }) => !isOver)
    const far = new Map(open.flatMap(({ target, farPort }) => (farPort === null ? [] : [[target, farPort]])))
    await Promise.all([...far].map(([target, port]) => this.#keepWay(target, port)))
    const awaited = [...this.#awaited].flatMap(([target, count]) => (count > 0 ? [target] : []))
    await this.#ways.leaveUnused(new Set([...far.keys(), ...awaited]))
    return open.length
  }

  async #end({ jobUid: uid, tokenId, name }: KeptWorker): Promise<void> {
    const { access, work, storage } = this.#parts
    await access.revoke(tokenId, null, 'access.revoke-token').catch((error: unknown) => {
      if (!(error instanceof PilothouseError) || error.code !== 'notFound') throw error
    })
    await work.dismiss(name)
    await storage.call('workers.forget', { uid })
  }

  async #keepWay(target: string, port: number): Promise<void> {
    try {
      await this.#ways.keep(target, port, this.#here())
      this.#troubles.delete(target)
    } catch (error) {
      if (this.#closing.signal.aborted) return
      const { words, hint } = describeFault(error)
      this.#troubles.set(target, `${words} ${hint}`)
    }
  }

  #complain(error: unknown): void {
    if (!this.#closing.signal.aborted) this.#parts.logger.error({ err: error }, 'looking after workers failed')
  }
}

function asUnavailable(cause: unknown): unknown {
  if (cause instanceof PilothouseError) return cause
  const { words, hint } = describeFault(cause)
  return new PilothouseError('unavailable', words, { cause, hint })
}

/** What the run folder of a job has beside what is shown of it: how the worker that it is finds and enters the control room. */
export async function readWorkerSecrets(
  { storage, seal }: Pick<LaunchedWorkersParts, 'storage'> & { seal: Seal },
  uid: string,
): Promise<Record<string, string>> {
  const found = await storage.call('workers.find', { uid })
  if (found === null) return {}
  return { PILOTHOUSE_URL: found.url, PILOTHOUSE_TOKEN: seal.open(found.sealedToken) }
}
