/** What engines tell of themselves, in words. Pure. */
import type { Engine, EngineFigures, ModelPrice } from '@pilothouse/contract'
import { formatCount, formatPrice } from '@pilothouse/signals'

/** Numbers of a queue, as far as the engine tells them. */
type Figure = { name: string; text: string }

export function listFigures({ running, waiting, cacheUse }: EngineFigures): Figure[] {
  return [
    ...(running === null ? [] : [{ name: 'running', text: formatCount(running) }]),
    ...(waiting === null ? [] : [{ name: 'waiting', text: formatCount(waiting) }]),
    ...(cacheUse === null ? [] : [{ name: 'cache in use', text: `${Math.round(cacheUse * 100)} %` }]),
  ]
}

/** `12 400 tokens in, 3 210 out`; undefined where it counts none. */
export function describeTokens({ promptTokens, outputTokens }: EngineFigures): string | undefined {
  const parts = [
    ...(promptTokens === null ? [] : [`${formatCount(promptTokens)} tokens in`]),
    ...(outputTokens === null ? [] : [`${formatCount(outputTokens)} ${promptTokens === null ? 'tokens ' : ''}out`]),
  ]
  return parts.length === 0 ? undefined : parts.join(', ')
}

const kindNames: Readonly<Record<string, string>> = { vllm: 'vLLM', sglang: 'SGLang' }

export function nameKind({ kind }: EngineFigures): string {
  return kindNames[kind] ?? kind
}

export function countModels(count: number): string {
  return count === 1 ? '1 model' : `${formatCount(count)} models`
}

/** What came of a look at an engine. */
export function describeLook({ name, models, health }: Engine): { words: string; isBad?: boolean } {
  const { state, trouble } = health
  if (trouble !== null) {
    // One look in vain may be bad luck; the second in a row counts.
    const what = state === 'healthy' ? 'was asked in vain' : 'is not well'
    return { words: `«${name}» ${what}. ${trouble}`, isBad: true }
  }
  switch (state) {
    case 'healthy':
      return { words: `«${name}» is healthy and answers for ${countModels(models.length)}.` }
    case 'paused':
      return { words: `«${name}» answers. It stays paused.` }
    case 'failing':
      return { words: `«${name}» is not well.`, isBad: true }
    case 'unknown':
      return { words: `«${name}» has not been looked at yet.` }
    default:
      return state satisfies never
  }
}

/** A model as a line of a list; `isKnown` false for one that has a price, but is not there. */
export type ModelRow = { model: string; isKnown: boolean; price: ModelPrice | undefined }

/** All models by name, those that only have a price last. */
export function listModelRows({ models, prices }: Pick<Engine, 'models' | 'prices'>): ModelRow[] {
  const priceOf = new Map(prices.map((price) => [price.model, price]))
  const known = new Set(models)
  return [
    ...models.map((model) => ({ model, isKnown: true, price: priceOf.get(model) })),
    ...[...priceOf.values()]
      .filter(({ model }) => !known.has(model))
      .map((price) => ({ model: price.model, isKnown: false, price })),
  ]
}

/** `$0.10 in, $0.40 out` of a million tokens; bare numbers where the currency is not known. */
export function describePrice({ inputPerMillion, outputPerMillion }: ModelPrice, currency: string | undefined): string {
  const write = (amount: number): string => (currency === undefined ? String(amount) : formatPrice(amount, currency))
  return `${write(inputPerMillion)} in, ${write(outputPerMillion)} out`
}

/** Those that have every word in their name, address, state or a model. */
export function findEngines(engines: readonly Engine[], text: string): Engine[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return engines.filter(({ name, baseUrl, health, models }) => {
    const all = [name, baseUrl, health.state, ...models].join('\n').toLowerCase()
    return words.every((word) => all.includes(word))
  })
}

/** `3 engines, 2 healthy, 1 failing`. */
export function countEngines(engines: readonly Engine[]): string {
  const count = (state: Engine['health']['state']): number =>
    engines.filter(({ health }) => health.state === state).length
  const states = (['healthy', 'failing', 'paused'] as const).filter((state) => count(state) > 0)
  const total = engines.length === 1 ? '1 engine' : `${formatCount(engines.length)} engines`
  return [total, ...states.map((state) => `${formatCount(count(state))} ${state}`)].join(', ')
}
