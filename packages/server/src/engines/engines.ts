/**
 * Looks after the engines that are known: whether each answers, which models it has, what it tells of itself. One look at a time
 * each, again after a while; an engine that was changed is looked at anew with what it is now.
 */
import { parseEngineMetrics } from '@pilothouse/dispatch'
import type { EngineClient } from '@pilothouse/dispatch/sending'
import {
  type Engine,
  type EngineFigures,
  type EngineState,
  type ModelList,
  PilothouseError,
  type WorkEngine,
} from '@pilothouse/contract'
import type { Logger } from 'pino'
import type { Seal } from '../channels/seal.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { KeptEngine } from './engine-operations.ts'
import { chooseWaitMs, isUsable, neverLooked, noteLook, type Watched } from './judge-health.ts'
import { readModels } from './read-models.ts'

/** Of one question; engines answer these from memory, also under load. */
const askMs = 5_000
const timeouts = { connectMs: askMs, requestMs: askMs, idleMs: askMs }

type Parts = {
  storage: Pick<StorageClient, 'call'>
  seal: Seal
  now: () => number
  logger: Pick<Logger, 'error'>
}

type Known = {
  kept: KeptEngine
  /** null: its key cannot be opened. */
  client: Promise<EngineClient | null>
  health: Watched
  /** When a look at it went well, ms since 1970; null: never. */
  wellAtMs: number | null
  figures: EngineFigures | null
  stop: AbortController
  timer: NodeJS.Timeout | undefined
  looking: Promise<void> | undefined
}

export type EngineNow = { name: string; state: EngineState; figures: EngineFigures | null }

export class Engines {
  readonly #parts: Parts
  readonly #known = new Map<number, Known>()
  #isClosed = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Begins to look at all of them. */
  start(): void {
    this.refresh().catch((error: unknown) => this.#complain(error))
  }

  /** Takes on what changed in the storage. */
  async refresh(): Promise<void> {
    const all = await this.#parts.storage.call('engines.list', null)
    for (const [id, known] of this.#known)
      if (!all.some((kept) => kept.id === id && kept.changedAt === known.kept.changedAt)) this.#forget(known)
    for (const kept of all) if (!this.#known.has(kept.id) && !this.#isClosed) this.#take(kept)
  }

  /** All of them, as they are kept and as they are now. */
  async list(): Promise<Engine[]> {
    const all = await this.#parts.storage.call('engines.list', null)
    return all.map((kept) => describe(kept, this.#known.get(kept.id)))
  }

  /** How those are that are looked after, without asking the storage. */
  listStates(): EngineNow[] {
    return [...this.#known.values()].map(({ kept, health, figures }) => ({
      name: kept.name,
      state: kept.isPaused ? 'paused' : health.state,
      figures,
    }))
  }

  /** Looks at one now. @throws PilothouseError `notFound`. */
  async check(id: number): Promise<Engine> {
    await this.#parts.storage.call('engines.get', { id })
    if (!this.#known.has(id)) await this.refresh()
    const known = this.#known.get(id)
    if (known) await this.#look(known)
    const kept = await this.#parts.storage.call('engines.get', { id })
    return describe(kept, known)
  }

  /** What can be asked for now: of engines that are healthy and not paused. */
  async listModels(): Promise<ModelList> {
    const engines = (await this.list()).filter(({ health }) => health.state === 'healthy')
    const first = new Map<string, Engine>()
    for (const engine of engines) for (const model of engine.models) if (!first.has(model)) first.set(model, engine)
    const data = [...first].map(([id, { createdAt, name }]) => ({
      id,
      object: 'model' as const,
      created: Math.floor(createdAt / 1000),
      owned_by: name,
    }))
    return { object: 'list', data: data.toSorted((a, b) => a.id.localeCompare(b.id)) }
  }

  /** Those that answer for a model, as far as is known, with what is needed to ask them. */
  listUsable(model: string): WorkEngine[] {
    const nowMs = this.#parts.now()
    return [...this.#known.values()]
      .filter(({ kept, wellAtMs }) => !kept.isPaused && kept.models.includes(model) && isUsable(wellAtMs, nowMs))
      .flatMap(({ kept }) => this.#openKey(kept))
  }

  /** Ends the look under way and every connection. */
  async close(): Promise<void> {
    this.#isClosed = true
    const all = [...this.#known.values()]
    for (const known of all) this.#forget(known)
    await Promise.allSettled(all.flatMap(({ looking }) => looking ?? []))
  }

  #take(kept: KeptEngine): void {
    const known: Known = {
      kept,
      client: this.#openClient(kept),
      health: neverLooked,
      wellAtMs: null,
      figures: null,
      stop: new AbortController(),
      timer: undefined,
      looking: undefined,
    }
    this.#known.set(kept.id, known)
    if (!kept.isPaused) void this.#look(known)
  }

  /** Empty where its key cannot be opened, which its health tells. */
  #openKey({ id, name, baseUrl, sealedKey, concurrencyMax }: KeptEngine): WorkEngine[] {
    try {
      const apiKey = sealedKey === null ? null : this.#parts.seal.open(sealedKey)
      return [{ id, name, baseUrl, apiKey, concurrencyMax }]
    } catch {
      return []
    }
  }

  async #openClient({ baseUrl, sealedKey }: KeptEngine): Promise<EngineClient | null> {
    try {
      const { EngineClient } = await import('@pilothouse/dispatch/sending')
      const apiKey = sealedKey === null ? null : this.#parts.seal.open(sealedKey)
      return new EngineClient({ baseUrl, apiKey, connectionsMax: 2, timeouts })
    } catch (error) {
      this.#complain(error)
      return null
    }
  }

  #forget(known: Known): void {
    this.#known.delete(known.kept.id)
    known.stop.abort()
    clearTimeout(known.timer)
    known.client.then(async (client) => client?.destroy()).catch((error: unknown) => this.#complain(error))
  }

  /** One look at a time; who asks during one waits for it. */
  async #look(known: Known): Promise<void> {
    clearTimeout(known.timer)
    known.looking ??= this.#lookOnce(known)
      .catch((error: unknown) => this.#complain(error))
      .finally(() => {
        known.looking = undefined
        if (known.stop.signal.aborted || known.kept.isPaused) return
        known.timer = setTimeout(() => void this.#look(known), chooseWaitMs(known.health))
        known.timer.unref()
      })
    await known.looking
  }

  async #lookOnce(known: Known): Promise<void> {
    const asked = await this.#ask(known)
    if (known.stop.signal.aborted) return
    const trouble = 'trouble' in asked ? asked.trouble : null
    known.health = noteLook(known.health, { atMs: this.#parts.now(), trouble })
    if (trouble === null) known.wellAtMs = this.#parts.now()
    known.figures = trouble === null ? await this.#readFigures(known) : null
    if (!('models' in asked) || known.kept.areModelsGiven) return
    if (asked.models.join('\n') === known.kept.models.join('\n')) return
    known.kept = { ...known.kept, models: asked.models }
    await this.#parts.storage.call('engines.note-models', { id: known.kept.id, models: asked.models })
  }

  async #ask({ client: opened, kept, stop }: Known): Promise<{ models: string[] } | { trouble: string }> {
    const client = await opened
    if (!client) return { trouble: 'Its key was sealed by another key file of the control room. Enter it anew.' }
    try {
      const answer = await client.getText('/v1/models', { signal: stop.signal, timeoutMs: askMs })
      // Not every engine lists its models; somebody has said which there are.
      if (kept.areModelsGiven && answer.status === 404) return { models: kept.models }
      return readModels(answer)
    } catch (error) {
      return { trouble: error instanceof Error ? error.message : String(error) }
    }
  }

  async #readFigures({ client: opened, stop }: Known): Promise<EngineFigures | null> {
    const client = await opened
    try {
      const answer = await client?.getText('/metrics', { signal: stop.signal, timeoutMs: askMs })
      const metrics = answer?.status === 200 ? parseEngineMetrics(answer.text) : null
      if (!metrics) return null
      const { kind, running, waiting, cacheUse, promptTokens, outputTokens } = metrics
      return { kind, running, waiting, cacheUse, promptTokens, outputTokens }
    } catch {
      // Figures are a gift; whether it is well, its models have told.
      return null
    }
  }

  #complain(error: unknown): void {
    if (this.#isClosed || (error instanceof PilothouseError && error.code === 'unavailable')) return
    this.#parts.logger.error({ err: error }, 'looking at an engine failed')
  }
}

function describe({ sealedKey, ...kept }: KeptEngine, known: Known | undefined): Engine {
  const { state, since, checkedAt, trouble } = known?.health ?? neverLooked
  return {
    ...kept,
    hasKey: sealedKey !== null,
    health: { state: kept.isPaused ? 'paused' : state, since, checkedAt, trouble },
    figures: known?.figures ?? null,
  }
}
