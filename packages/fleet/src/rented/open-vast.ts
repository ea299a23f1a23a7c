/** vast.ai as a provider: its HTTP API (docs.vast.ai/api-reference), `v1` where lists are read in pages and `v0` for all else. */
import type { InstanceFacts } from '@pilothouse/contract'
import { setTimeout as wait } from 'node:timers/promises'
import { LineSplitter } from '../line-splitter.ts'
import { type AskJson, askJson, askLimits, askText, tidy } from './ask-json.ts'
import {
  type AskOptions,
  type Charge,
  type InstanceOrder,
  type Offer,
  type OfferSearch,
  type Provider,
  providerAbilities,
  ProviderError,
} from './provider.ts'
import { type Fields, isFields, listFields, readWord, toFields } from './read-field.ts'
import { readVastCharge, readVastInstance, readVastOffer } from './read-vast.ts'

export type VastOptions = {
  key: string
  /** The provider's own by default. */
  url?: string | undefined
  /** How it is asked. */
  ask?: AskJson | undefined
  /** Between two questions for what is not there yet, ms. */
  pauseMs?: number | undefined
}

export const vastLimits = {
  /** It refuses who asks more often, without saying until when. */
  pollMsMin: 30_000,
  /** Rows of a page of machines, as many as it gives. */
  pageMax: 25,
  chargesPageMax: 100,
  /** A token that leads nowhere must not be followed for ever. */
  pagesMax: 400,
  /** Of one page, while others have come already. */
  pageTriesMax: 4,
  /** Searched through for a name that is known in part. */
  offersMax: 1_000,
  /** Until a log is there. */
  logMs: 20_000,
  pauseMs: 500,
} as const

type Question = AskOptions & { method?: 'GET' | 'POST' | 'PUT' | 'DELETE'; query?: Fields; body?: Fields }

/** Nothing is asked yet. */
export function openVast(options: VastOptions): Provider {
  const vast = new Vast(options)
  return {
    kind: 'vast',
    can: new Set(providerAbilities),
    pollMsMin: vastLimits.pollMsMin,
    list: (asked) => vast.list(asked),
    get: (id, asked) => vast.get(id, asked),
    start: (id, asked) => vast.order(id, { state: 'running' }, asked),
    stop: (id, asked) => vast.order(id, { state: 'stopped' }, asked),
    label: (id, label, asked) => vast.order(id, { label }, asked),
    destroy: (id, asked) => vast.destroy(id, asked),
    readLog: (id, lines, asked) => vast.readLog(id, lines, asked),
    search: (search, asked) => vast.search(search, asked),
    create: (order, asked) => vast.create(order, asked),
    charges: (span, asked) => vast.charges(span, asked),
  }
}

class Vast {
  readonly #key: string
  readonly #url: string
  readonly #askJson: AskJson
  readonly #pauseMs: number

  constructor({ key, url = 'https://console.vast.ai', ask = askJson, pauseMs = vastLimits.pauseMs }: VastOptions) {
    this.#key = key
    this.#url = url
    this.#askJson = ask
    this.#pauseMs = pauseMs
  }

  async list(options?: AskOptions): Promise<InstanceFacts[]> {
    const query = { select_filters: {}, order_by: [{ col: 'id', dir: 'asc' }], limit: vastLimits.pageMax }
    const rows = await this.#readPages('/api/v1/instances/', { query, ...options }, 'instances')
    // What is created or destroyed between two pages moves the others: one may come twice.
    const byId = new Map(rows.flatMap((row) => readVastInstance(row) ?? []).map((facts) => [facts.id, facts]))
    return [...byId.values()]
  }

  async get(id: string, options?: AskOptions): Promise<InstanceFacts | null> {
    const path = `/api/v0/instances/${checkId(id)}/`
    const answer = await this.#ask(path, { query: { owner: 'me' }, ...options }).catch(nullIfGone)
    // Of one machine it is a row, not a list; of none it is null.
    const row = toFields(answer)['instances']
    return isFields(row) ? readVastInstance(row) : null
  }

  async order(id: string, body: Fields, options?: AskOptions): Promise<void> {
    await this.#ask(`/api/v0/instances/${checkId(id)}/`, { method: 'PUT', body, ...options })
  }

  async destroy(id: string, options?: AskOptions): Promise<void> {
    const path = `/api/v0/instances/${checkId(id)}/`
    await this.#ask(path, { method: 'DELETE', body: {}, ...options }).catch(nullIfGone)
  }

  /** The log is put somewhere else, and is not there at once. */
  async readLog(id: string, lines: number, options?: AskOptions): Promise<string[]> {
    const path = `/api/v0/instances/request_logs/${checkId(id)}/`
    const answer = await this.#ask(path, { method: 'PUT', body: { tail: String(lines) }, ...options })
    const place = URL.parse(readWord(toFields(answer)['result_url']) ?? '')
    if (place === null || !['http:', 'https:'].includes(place.protocol))
      throw new ProviderError('broken', 'vast.ai does not say where the log is.', { hint: 'Ask again.' })
    const splitter = new LineSplitter()
    const text = await this.#fetchLater(place, options)
    return [...splitter.push(Buffer.from(text)), ...splitter.end()].slice(-lines)
  }

  /** Names are compared here: there they must be given whole. */
  async search(search: OfferSearch, options?: AskOptions): Promise<Offer[]> {
    const { gpuName, gpuCountMin, perHourMax, diskGbMin, limit } = search
    const body = {
      verified: { eq: true },
      external: { eq: false },
      rentable: { eq: true },
      rented: { eq: false },
      ...(gpuCountMin === undefined ? {} : { num_gpus: { gte: gpuCountMin } }),
      ...(perHourMax === undefined ? {} : { dph_total: { lte: perHourMax } }),
      ...(diskGbMin === undefined ? {} : { disk_space: { gte: diskGbMin }, allocated_storage: diskGbMin }),
      order: [['dph_total', 'asc']],
      type: 'on-demand',
      limit: gpuName === undefined ? limit : vastLimits.offersMax,
    }
    const answer = await this.#ask('/api/v0/bundles/', { method: 'POST', body, ...options })
    const offers = listFields(toFields(answer)['offers']).flatMap((row) => readVastOffer(row) ?? [])
    const wanted = plain(gpuName ?? '')
    return offers.filter((offer) => plain(offer.gpuName).includes(wanted)).slice(0, limit)
  }

  async create(order: InstanceOrder, options?: AskOptions): Promise<string> {
    const body = {
      client_id: 'me',
      image: order.image,
      disk: order.diskGb,
      label: order.label,
      onstart: order.onStart,
      env: {},
      runtype: 'ssh_direc ssh_proxy',
      // Rather nothing than a machine that waits, and is billed for its disk.
      cancel_unavail: true,
    }
    const path = `/api/v0/asks/${checkId(order.offerId)}/`
    const id = readWord(toFields(await this.#ask(path, { method: 'PUT', body, ...options }))['new_contract'])
    if (id === null)
      throw new ProviderError('broken', 'vast.ai does not say which machine it has made.', {
        hint: 'Look at the list, it may be there and be billed.',
      })
    for (const key of order.sshKeys) await this.#addKey(id, key, options)
    return id
  }

  async charges(span: { from: number; until: number }, options?: AskOptions): Promise<Charge[]> {
    const day = { gte: Math.floor(span.from / 1_000), lte: Math.ceil(span.until / 1_000) }
    const query = {
      select_filters: { day, type: { in: ['instance'] } },
      latest_first: false,
      limit: vastLimits.chargesPageMax,
      format: 'table',
    }
    const rows = await this.#readPages('/api/v0/charges/', { query, ...options }, 'results')
    return rows.flatMap((row) => readVastCharge(row) ?? [])
  }

  /** A machine whose key is missing is there all the same: the error says which. */
  async #addKey(id: string, key: string, options?: AskOptions): Promise<void> {
    try {
      await this.#ask(`/api/v0/instances/${id}/ssh/`, { method: 'POST', body: { ssh_key: key }, ...options })
    } catch (cause) {
      if (!(cause instanceof ProviderError)) throw cause
      throw new ProviderError(cause.kind, `Machine ${id} was rented, but has not got its ssh key. ${cause.message}`, {
        hint: `It is billed: destroy ${id}, or give it the key in the provider's console.`,
        retryAfterMs: cause.retryAfterMs,
        cause,
      })
    }
  }

  async #readPages(path: string, question: Question & { query: Fields }, name: string): Promise<Fields[]> {
    const rows: Fields[] = []
    let token: string | null = null
    for (let page = 0; page < vastLimits.pagesMax; page += 1) {
      const query: Fields = token === null ? question.query : { ...question.query, after_token: token }
      const answer = await this.#readPage(path, { ...question, query }, page > 0)
      if (!Array.isArray(answer[name]))
        throw new ProviderError('broken', 'vast.ai answered with something else than a list.', {
          hint: 'It is asked again; its API may have changed if this goes on.',
        })
      rows.push(...listFields(answer[name]))
      const next = readWord(answer['next_token'])
      if (next === null || next === token) return rows
      token = next
    }
    return rows
  }

  /** With several pages, what was begun is brought to its end: else a large account would never be listed. */
  async #readPage(path: string, question: Question, isLater: boolean): Promise<Fields> {
    for (let tries = 1; ; tries += 1) {
      try {
        return toFields(await this.#ask(path, question))
      } catch (error) {
        const isBusy = error instanceof ProviderError && error.kind === 'busy'
        if (!isLater || !isBusy || tries >= vastLimits.pageTriesMax) throw error
        const pauseMs = Math.min(error.retryAfterMs ?? this.#pauseMs * 2 ** tries, askLimits.timeoutMs)
        await wait(pauseMs, undefined, { signal: question.signal })
      }
    }
  }

  async #ask(path: string, { method, query = {}, body, signal }: Question): Promise<unknown> {
    const url = new URL(path, this.#url)
    for (const [name, value] of Object.entries(query))
      url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value))
    const answer = await this.#askJson({ provider: 'vast.ai', url, key: this.#key, method, body, signal })
    const fields = toFields(answer)
    if (fields['success'] !== false) return answer
    const words = tidy(readWord(fields['msg']) ?? readWord(fields['error']) ?? '', this.#key)
    throw new ProviderError('refused', `vast.ai refuses this. It says: ${words === '' ? 'nothing' : words}`, {
      hint: 'What it says tells why.',
    })
  }

  /** Lies with somebody else, who is not given the key. Until it is there they say that it is not. */
  async #fetchLater(url: URL, { signal }: AskOptions = {}): Promise<string> {
    const tries = Math.ceil(vastLimits.logMs / this.#pauseMs)
    for (let tried = 0; tried < tries; tried += 1) {
      const { status, text } = await askText({ provider: 'The store of logs of vast.ai', url, key: null, signal })
      if (status === 200) return text
      await wait(this.#pauseMs, undefined, { signal })
    }
    throw new ProviderError('unreachable', 'The log did not come in time.', {
      hint: 'A machine that is stopped or offline sends none; one that runs is asked again.',
    })
  }
}

/**
 * Ids go into paths.
 * @throws ProviderError `notFound`
 */
function checkId(id: string): string {
  if (/^\d{1,20}$/.test(id)) return id
  throw new ProviderError('notFound', `«${tidy(id, null)}» is no id of vast.ai.`, { hint: 'They are numbers.' })
}

function nullIfGone(error: unknown): null {
  if (error instanceof ProviderError && error.kind === 'notFound') return null
  throw error
}

/** «rtx_4090», «RTX 4090» and «rtx4090» are one. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
