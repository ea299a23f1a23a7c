import type { Engine } from '@pilothouse/contract'
import { expect, test } from 'vitest'
import {
  countEngines,
  describeLook,
  describePrice,
  describeTokens,
  findEngines,
  listFigures,
  listModelRows,
} from './engine-words.ts'

const figures = { kind: 'vllm', running: 3, waiting: null, cacheUse: 0.426, promptTokens: 12_400, outputTokens: 310 }

function makeEngine(given: Partial<Engine> = {}): Engine {
  return {
    id: 1,
    name: 'lab',
    baseUrl: 'http://127.0.0.1:8000',
    hasKey: false,
    isPaused: false,
    concurrencyMax: null,
    models: ['small'],
    areModelsGiven: false,
    prices: [],
    owner: { id: 1, name: 'admin' },
    createdAt: 0,
    changedAt: 0,
    health: { state: 'healthy', since: 0, checkedAt: 0, trouble: null },
    figures,
    ...given,
  }
}

test('what an engine does not tell is not shown', () => {
  expect(listFigures(figures)).toEqual([
    { name: 'running', text: '3' },
    { name: 'cache in use', text: '43 %' },
  ])
  expect(describeTokens(figures)).toBe('12\u202f400 tokens in, 310 out')
  expect(describeTokens({ ...figures, promptTokens: null })).toBe('310 tokens out')
  expect(describeTokens({ ...figures, promptTokens: null, outputTokens: null })).toBeUndefined()
})

test('what came of a look is a sentence', () => {
  expect(describeLook(makeEngine())).toEqual({ words: '«lab» is healthy and answers for 1 model.' })
  const health = { state: 'failing', since: 0, checkedAt: 0, trouble: 'Nobody listens.' } as const
  expect(describeLook(makeEngine({ health }))).toEqual({ words: '«lab» is not well. Nobody listens.', isBad: true })
  expect(describeLook(makeEngine({ health: { ...health, state: 'healthy' } })).words).toContain('asked in vain')
  const paused = makeEngine({ health: { ...health, state: 'paused', trouble: null }, isPaused: true })
  expect(describeLook(paused)).toEqual({ words: '«lab» answers. It stays paused.' })
})

test('models have their prices, and a price without its model stands last', () => {
  const price = { model: 'gone', inputPerMillion: 0.1, outputPerMillion: 0.4 }
  const rows = listModelRows({ models: ['small'], prices: [price] })
  expect(rows.map(({ model, isKnown }) => ({ model, isKnown }))).toEqual([
    { model: 'small', isKnown: true },
    { model: 'gone', isKnown: false },
  ])
  expect(describePrice(price, 'USD')).toBe('$0.10 in, $0.40 out')
  expect(describePrice(price, undefined)).toBe('0.1 in, 0.4 out')
})

test('engines are found by all words of a search, and counted by state', () => {
  const other = makeEngine({ name: 'hosted', models: ['large'], health: { ...makeEngine().health, state: 'failing' } })
  const all = [makeEngine(), other]
  expect(findEngines(all, 'LAR failing')).toEqual([other])
  expect(findEngines(all, 'lab failing')).toEqual([])
  expect(findEngines(all, ' ')).toEqual(all)
  expect(countEngines(all)).toBe('2 engines, 1 healthy, 1 failing')
})
