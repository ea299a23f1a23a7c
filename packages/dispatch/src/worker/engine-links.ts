/** The engines of one lane, each with a client that is kept for as long as its address and key stay the same. */
import type { WorkEngine } from '@pilothouse/contract'
import { type ConcurrencyBounds, usualBounds } from '../concurrency/concurrency.ts'
import type { DispatchEngine } from '../run/dispatch-engine.ts'
import type { ShardRequest } from './held-shard.ts'
import type { OpenEngine } from './open-engine.ts'

type Link = { engine: WorkEngine; opened: OpenEngine; send: DispatchEngine<ShardRequest>['send']; inFlight: number }

type Options = {
  openEngine: (engine: WorkEngine) => OpenEngine
  /** One of its requests is about to be sent. */
  onSend: (request: ShardRequest) => void
  /** An engine cannot be opened; it is left out. */
  onTrouble: (error: unknown) => void
}

export class EngineLinks {
  readonly #options: Options
  /** By the id of the engine. */
  #links = new Map<number, Link>()
  /** No longer used, and closed once nothing is under way through them. */
  readonly #leaving = new Set<Link>()

  constructor(options: Options) {
    this.#options = options
  }

  get engineIds(): number[] {
    return [...this.#links.keys()]
  }

  /** Opens and closes what has changed. */
  set(engines: readonly WorkEngine[]): void {
    const before = this.#links
    this.#links = new Map()
    for (const engine of engines) {
      const link = this.#renew(before.get(engine.id), engine)
      if (link) this.#links.set(engine.id, link)
    }
    for (const link of before.values()) if (this.#links.get(link.engine.id) !== link) this.#leave(link)
  }

  /** As a dispatch takes them; `countLanes`: how many lanes of this worker share an engine. */
  list(countLanes: (engineId: number) => number): DispatchEngine<ShardRequest>[] {
    return [...this.#links.values()].map(({ engine, opened, send }) => ({
      name: String(engine.id),
      send,
      readMetrics: opened.readMetrics,
      bounds: boundLane(engine.concurrencyMax, countLanes(engine.id)),
    }))
  }

  #renew(link: Link | undefined, engine: WorkEngine): Link | null {
    if (!link || !isSameWay(link.engine, engine)) return this.#open(engine)
    link.engine = engine
    return link
  }

  #open(engine: WorkEngine): Link | null {
    try {
      const opened = this.#options.openEngine(engine)
      const send: Link['send'] = async (...sent) => this.#send(link, ...sent)
      const link: Link = { engine, opened, send, inFlight: 0 }
      return link
    } catch (error) {
      this.#options.onTrouble(error)
      return null
    }
  }

  async #send(link: Link, ...[request, calls]: Parameters<Link['send']>): ReturnType<Link['send']> {
    this.#options.onSend(request)
    link.inFlight += 1
    try {
      return await link.opened.send(request, calls)
    } finally {
      link.inFlight -= 1
      if (this.#leaving.has(link)) this.#leave(link)
    }
  }

  #leave(link: Link): void {
    this.#leaving.add(link)
    if (link.inFlight > 0) return
    this.#leaving.delete(link)
    link.opened.close().catch(this.#options.onTrouble)
  }
}

/** What a client is made from; another bound of connections makes another one, too. */
function isSameWay(one: WorkEngine, other: WorkEngine): boolean {
  return one.baseUrl === other.baseUrl && one.apiKey === other.apiKey && one.concurrencyMax === other.concurrencyMax
}

/** The lanes of a worker share what an engine may get at once. Pure. */
function boundLane(concurrencyMax: number | null, lanes: number): ConcurrencyBounds {
  if (concurrencyMax === null) return usualBounds
  return { ...usualBounds, ceiling: Math.max(1, Math.floor(concurrencyMax / Math.max(1, lanes))) }
}
