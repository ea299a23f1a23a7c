/**
 * RunPod as a provider: its REST API (`rest.runpod.io/v1`, docs.runpod.io/api-reference), and for what can be rented the catalogue
 * of its successor, which v1 has not. To rename a pod may reset it, so that is not offered.
 */
import type { InstanceFacts } from '@pilothouse/contract'
import { type AskJson, askJson, tidy } from './ask-json.ts'
import {
  type AskOptions,
  type Charge,
  type InstanceOrder,
  type Offer,
  type OfferSearch,
  type Provider,
  type ProviderAbility,
  ProviderError,
} from './provider.ts'
import { listFields, readWord, toFields } from './read-field.ts'
import { readGpuOffers, readOfferId, readPod, readPodCharge } from './read-runpod.ts'

export type RunpodOptions = {
  key: string
  /** The provider's own by default. */
  url?: string | undefined
  catalogueUrl?: string | undefined
  /** How it is asked. */
  ask?: AskJson | undefined
}

export const runpodLimits = {
  pollMsMin: 15_000,
  /** Lost when a pod stops; what is ordered is on the volume, which stays. */
  containerDiskGb: 20,
  /** Longer spans are billed by the day, not by the hour. */
  hourlySpanMs: 3 * 24 * 3_600_000,
} as const

const abilities: readonly ProviderAbility[] = ['start', 'stop', 'destroy', 'search', 'create', 'charges']
const hourMs = 3_600_000

type Question = AskOptions & { method?: 'GET' | 'POST' | 'DELETE'; query?: Record<string, string>; body?: unknown }

/** Nothing is asked yet. */
export function openRunpod(options: RunpodOptions): Provider {
  const runpod = new Runpod(options)
  return {
    kind: 'runpod',
    can: new Set(abilities),
    pollMsMin: runpodLimits.pollMsMin,
    list: (asked) => runpod.list(asked),
    get: (id, asked) => runpod.get(id, asked),
    start: (id, asked) => runpod.order(id, 'start', asked),
    stop: (id, asked) => runpod.order(id, 'stop', asked),
    destroy: (id, asked) => runpod.destroy(id, asked),
    label: () => refuse('give pods another name without perhaps resetting them', 'Rename it in the console.'),
    readLog: () => refuse('bring logs', 'They are read over ssh.'),
    search: (search, asked) => runpod.search(search, asked),
    create: (order, asked) => runpod.create(order, asked),
    charges: (span, asked) => runpod.charges(span, asked),
  }
}

async function refuse(what: string, hint: string): Promise<never> {
  throw new ProviderError('unable', `RunPod cannot ${what}.`, { hint })
}

class Runpod {
  readonly #key: string
  readonly #url: string
  readonly #catalogueUrl: string
  readonly #askJson: AskJson

  constructor(options: RunpodOptions) {
    this.#key = options.key
    this.#url = options.url ?? 'https://rest.runpod.io/v1'
    this.#catalogueUrl = options.catalogueUrl ?? 'https://api.runpod.io/v2'
    this.#askJson = options.ask ?? askJson
  }

  async list(options?: AskOptions): Promise<InstanceFacts[]> {
    const pods = await this.#ask('/pods', { query: { includeMachine: 'true' }, ...options })
    if (!Array.isArray(pods)) throw noList()
    return listFields(pods).flatMap((pod) => readPod(pod) ?? [])
  }

  async get(id: string, options?: AskOptions): Promise<InstanceFacts | null> {
    const path = `/pods/${checkId(id)}`
    const pod = await this.#ask(path, { query: { includeMachine: 'true' }, ...options }).catch(nullIfGone)
    return pod === null ? null : readPod(toFields(pod))
  }

  async order(id: string, order: 'start' | 'stop', options?: AskOptions): Promise<void> {
    await this.#ask(`/pods/${checkId(id)}/${order}`, { method: 'POST', ...options })
  }

  async destroy(id: string, options?: AskOptions): Promise<void> {
    await this.#ask(`/pods/${checkId(id)}`, { method: 'DELETE', ...options }).catch(nullIfGone)
  }

  /** Disks are made to measure. */
  async search({ gpuName = '', gpuCountMin = 1, perHourMax = Infinity, limit }: OfferSearch, options?: AskOptions) {
    const query = { include: 'AVAILABILITY', product: 'POD', count: String(gpuCountMin) }
    const answer = toFields(await this.#ask('/catalog/gpus', { query, ...options }, this.#catalogueUrl))
    if (!Array.isArray(answer['gpus'])) throw noList()
    const offers: Offer[] = listFields(answer['gpus']).flatMap((gpu) => readGpuOffers(gpu, gpuCountMin))
    const wanted = plain(gpuName)
    const found = offers.filter(({ id, gpuName: name, perHour }) => {
      return perHour <= perHourMax && (plain(name).includes(wanted) || plain(id).includes(wanted))
    })
    return found.toSorted((one, other) => one.perHour - other.perHour).slice(0, limit)
  }

  async create(order: InstanceOrder, options?: AskOptions): Promise<string> {
    const offer = readOfferId(order.offerId)
    if (offer === null)
      throw new ProviderError('refused', `«${tidy(order.offerId, null)}» is no offer of RunPod.`, {
        hint: 'Take one that a search has found, as SECURE/1/NVIDIA A40.',
      })
    // What starts a pod takes the place of what starts sshd in it.
    if (order.onStart !== null)
      return refuse('run a script of ours at the start', 'Leave it out, and run it over ssh once it is there.')
    const body = {
      name: order.label ?? 'pilothouse',
      computeType: 'GPU',
      cloudType: offer.cloudType,
      gpuTypeIds: [offer.gpuTypeId],
      gpuCount: offer.gpuCount,
      imageName: order.image,
      containerDiskInGb: runpodLimits.containerDiskGb,
      volumeInGb: order.diskGb,
      volumeMountPath: '/workspace',
      ports: ['22/tcp'],
      supportPublicIp: true,
      env: { PUBLIC_KEY: order.sshKeys.join('\n') },
    }
    const id = readWord(toFields(await this.#ask('/pods', { method: 'POST', body, ...options }))['id'])
    if (id !== null) return id
    throw new ProviderError('broken', 'RunPod does not say which pod it has made.', {
      hint: 'Look at the list, it may be there and be billed.',
    })
  }

  async charges({ from, until }: { from: number; until: number }, options?: AskOptions): Promise<Charge[]> {
    const isShort = until - from <= runpodLimits.hourlySpanMs
    const span = { startTime: new Date(from).toISOString(), endTime: new Date(until).toISOString() }
    const query = { bucketSize: isShort ? 'hour' : 'day', grouping: 'podId', ...span }
    const records = await this.#ask('/billing/pods', { query, ...options })
    if (!Array.isArray(records)) throw noList()
    const stretchMs = isShort ? hourMs : 24 * hourMs
    return listFields(records).flatMap((record) => readPodCharge(record, stretchMs) ?? [])
  }

  async #ask(path: string, question: Question, base = this.#url): Promise<unknown> {
    const { query = {}, method, body, signal } = question
    const url = new URL(`${base}${path}`)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return this.#askJson({ provider: 'RunPod', url, key: this.#key, method, body, signal })
  }
}

function noList(): ProviderError {
  return new ProviderError('broken', 'RunPod answered with something else than a list.', {
    hint: 'It is asked again; its API may have changed if this goes on.',
  })
}

/**
 * Ids go into paths.
 * @throws ProviderError `notFound`
 */
function checkId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,100}$/.test(id)) return id
  throw new ProviderError('notFound', `«${tidy(id, null)}» is no id of RunPod.`, {
    hint: 'They are letters and digits.',
  })
}

function nullIfGone(error: unknown): null {
  if (error instanceof ProviderError && error.kind === 'notFound') return null
  throw error
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
