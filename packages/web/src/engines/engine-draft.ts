/** An engine as it is written in the sheet: what is wrong with it, and what is sent of it. Pure. */
import type { Engine, EngineCreate, EnginePatch, ModelPrice } from '@pilothouse/contract'
import { limits, PilothouseError } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'

/** Amounts that are left out are NaN. */
export type PriceDraft = {
  /** Tells rows apart. */
  id: number
  model: string
  input: number
  output: number
}
export type EngineDraft = {
  name: string
  baseUrl: string
  /** Empty: none, or the one that is kept. */
  apiKey: string
  /** The key that is kept goes. */
  dropsKey: boolean
  /** One a line; empty: those that it lists. */
  models: string
  /** Empty: found out. */
  limit: string
  prices: readonly PriceDraft[]
}
type FaultField = 'name' | 'baseUrl' | 'apiKey' | 'models' | 'concurrencyMax' | 'prices'
export type EngineFaults = Partial<Record<FaultField, string>>

export const emptyDraft: EngineDraft = {
  name: '',
  baseUrl: '',
  apiKey: '',
  dropsKey: false,
  models: '',
  limit: '',
  prices: [],
}

export function toDraft({ name, baseUrl, models, areModelsGiven, concurrencyMax, prices }: Engine): EngineDraft {
  return {
    name,
    baseUrl,
    apiKey: '',
    dropsKey: false,
    models: areModelsGiven ? models.join('\n') : '',
    limit: concurrencyMax === null ? '' : String(concurrencyMax),
    prices: prices.map(({ model, inputPerMillion, outputPerMillion }, id) => ({
      id,
      model,
      input: inputPerMillion,
      output: outputPerMillion,
    })),
  }
}

/** A row for one more price. */
export function addPrice(prices: readonly PriceDraft[]): PriceDraft[] {
  const id = 1 + Math.max(-1, ...prices.map((price) => price.id))
  return [...prices, { id, model: '', input: Number.NaN, output: Number.NaN }]
}

/** What can be seen without asking the server. */
export function findDraftFaults({ name, baseUrl, limit, models, prices }: EngineDraft): EngineFaults {
  const url = URL.parse(baseUrl.trim())
  const count = Number(limit)
  const isLimit = limit.trim() === '' || (Number.isInteger(count) && count >= 1 && count <= limits.engineConcurrencyMax)
  const price = prices.map((one) => findPriceFault(one, prices)).find((fault) => fault !== undefined)
  return {
    ...(name.trim() === '' ? { name: 'Give it a name: it is what it is called here.' } : {}),
    ...(url && /^https?:$/.test(url.protocol)
      ? {}
      : { baseUrl: 'Write the whole address, as http://127.0.0.1:8000 or https://llm.example.org/v1.' }),
    ...(isLimit ? {} : { concurrencyMax: `A whole number from 1 to ${formatCount(limits.engineConcurrencyMax)}.` }),
    ...(readLines(models).length > limits.engineModelsMax
      ? { models: `At most ${formatCount(limits.engineModelsMax)} models.` }
      : {}),
    ...(price === undefined ? {} : { prices: price }),
  }
}

/** What is missing of a price, or wrong with it. */
export function findPriceFault(
  { id, model, input, output }: PriceDraft,
  all: readonly PriceDraft[],
): string | undefined {
  if (model.trim() === '') return 'Name the model, as the engine calls it.'
  if (all.some((other) => other.id < id && other.model.trim() === model.trim()))
    return 'This model has a price already.'
  const isPrice = (amount: number): boolean => amount >= 0 && amount <= limits.pricePerMillionMax
  return isPrice(input) && isPrice(output) ? undefined : 'Both prices are numbers from 0 on; 0 where it costs nothing.'
}

/** What the server says, by the field that it is about; `rest` is about none of them. */
export function readServerFaults(error: Error | null): EngineFaults & { rest?: string } {
  if (error === null) return {}
  if (!(error instanceof PilothouseError)) return { rest: error.message }
  // A path such as `prices[0].model`.
  const [field] = (error.field ?? '').split(/[.[]/)
  const words = `${error.message} ${error.hint}`
  switch (field) {
    case 'name':
    case 'baseUrl':
    case 'apiKey':
    case 'models':
    case 'concurrencyMax':
    case 'prices':
      return { [field]: words }
    default:
      return { rest: words }
  }
}

export function toCreate(draft: EngineDraft): EngineCreate {
  const { apiKey, ...values } = toValues(draft)
  return { ...values, apiKey: apiKey === '' ? null : apiKey }
}

/** Only what differs, so that what others change meanwhile stays. */
export function toPatch(draft: EngineDraft, engine: Engine): EnginePatch {
  const { apiKey, ...values } = toValues(draft)
  const { apiKey: _none, ...before } = toValues(toDraft(engine))
  const differs = (name: keyof typeof values): boolean => JSON.stringify(values[name]) !== JSON.stringify(before[name])
  return {
    ...(differs('name') ? { name: values.name } : {}),
    ...(differs('baseUrl') ? { baseUrl: values.baseUrl } : {}),
    ...(differs('concurrencyMax') ? { concurrencyMax: values.concurrencyMax } : {}),
    ...(differs('models') ? { models: values.models } : {}),
    ...(differs('prices') ? { prices: values.prices } : {}),
    ...(apiKey !== '' ? { apiKey } : draft.dropsKey ? { apiKey: null } : {}),
  }
}

type Values = {
  name: string
  baseUrl: string
  apiKey: string
  concurrencyMax: number | null
  models: string[] | null
  prices: ModelPrice[]
}

function toValues({ name, baseUrl, apiKey, limit, models, prices }: EngineDraft): Values {
  const lines = readLines(models)
  return {
    name: name.trim(),
    baseUrl: baseUrl.trim(),
    apiKey: apiKey.trim(),
    concurrencyMax: limit.trim() === '' ? null : Number(limit),
    models: lines.length === 0 ? null : lines,
    prices: prices.map(({ model, input, output }) => ({
      model: model.trim(),
      inputPerMillion: input,
      outputPerMillion: output,
    })),
  }
}

function readLines(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '')
}
