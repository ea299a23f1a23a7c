import type { Engine } from '@pilothouse/contract'
import { PilothouseError } from '@pilothouse/contract/wire'
import { expect, test } from 'vitest'
import {
  addPrice,
  emptyDraft,
  findDraftFaults,
  findPriceFault,
  readServerFaults,
  toCreate,
  toDraft,
  toPatch,
} from './engine-draft.ts'

const engine: Engine = {
  id: 3,
  name: 'lab',
  baseUrl: 'http://127.0.0.1:8000',
  hasKey: true,
  isPaused: false,
  concurrencyMax: 16,
  models: ['large', 'small'],
  areModelsGiven: false,
  prices: [{ model: 'small', inputPerMillion: 0.1, outputPerMillion: 0.4 }],
  owner: { id: 1, name: 'admin' },
  createdAt: 0,
  changedAt: 0,
  health: { state: 'healthy', since: 0, checkedAt: 0, trouble: null },
  figures: null,
}

test('an engine is sent with what was written, and with nothing where nothing was', () => {
  const draft = { ...emptyDraft, name: ' lab ', baseUrl: ' http://127.0.0.1:8000 ' }
  expect(findDraftFaults(draft)).toEqual({})
  expect(toCreate(draft)).toEqual({
    name: 'lab',
    baseUrl: 'http://127.0.0.1:8000',
    apiKey: null,
    concurrencyMax: null,
    models: null,
    prices: [],
  })
  const full = { ...draft, apiKey: 'sk-1', limit: '8', models: 'one\n\n two \none' }
  expect(toCreate(full)).toMatchObject({ apiKey: 'sk-1', concurrencyMax: 8, models: ['one', 'two'] })
})

test('a change holds only what differs; the key stays unless another is entered or it is taken away', () => {
  const draft = toDraft(engine)
  expect(toPatch(draft, engine)).toEqual({})
  expect(toPatch({ ...draft, name: 'room' }, engine)).toEqual({ name: 'room' })
  expect(toPatch({ ...draft, limit: '' }, engine)).toEqual({ concurrencyMax: null })
  expect(toPatch({ ...draft, models: 'one' }, engine)).toEqual({ models: ['one'] })
  expect(toPatch({ ...draft, prices: [] }, engine)).toEqual({ prices: [] })
  expect(toPatch({ ...draft, apiKey: 'sk-2' }, engine)).toEqual({ apiKey: 'sk-2' })
  expect(toPatch({ ...draft, dropsKey: true }, engine)).toEqual({ apiKey: null })
  const byHand = { ...engine, areModelsGiven: true }
  expect(toPatch({ ...toDraft(byHand), models: '' }, byHand)).toEqual({ models: null })
})

test('what is wrong is said by its field', () => {
  const faults = findDraftFaults({ ...emptyDraft, baseUrl: '127.0.0.1:8000', limit: '1.5', prices: addPrice([]) })
  expect(Object.keys(faults).toSorted()).toEqual(['baseUrl', 'concurrencyMax', 'name', 'prices'])
})

test('a price has a model of its own and two numbers', () => {
  const price = { id: 0, model: 'small', input: 0, output: 0.4 }
  expect(findPriceFault(price, [price])).toBeUndefined()
  expect(findPriceFault({ ...price, model: ' ' }, [price])).toContain('Name the model')
  expect(findPriceFault({ ...price, output: Number.NaN }, [price])).toContain('Both prices')
  expect(findPriceFault({ ...price, id: 1 }, [price])).toContain('already')
})

test('a fault of the server stands at its field, or below all of them', () => {
  const taken = new PilothouseError('conflict', 'Another engine is called «lab».', { field: 'name', hint: 'Choose.' })
  expect(readServerFaults(taken)).toEqual({ name: 'Another engine is called «lab». Choose.' })
  const deep = new PilothouseError('invalid', 'It is too long.', { field: 'prices[0].model', hint: 'Shorten it.' })
  expect(readServerFaults(deep)).toEqual({ prices: 'It is too long. Shorten it.' })
  expect(readServerFaults(new PilothouseError('conflict', 'There are 200.', { hint: 'Delete one.' }))).toEqual({
    rest: 'There are 200. Delete one.',
  })
  expect(readServerFaults(null)).toEqual({})
})
