import type { Rate, RateCard } from '@pilothouse/contract'
import { expect, test } from 'vitest'
import { describeRate, emptyDraft, findRateFault, isCurrencyCode, toCard, toDrafts } from './rate-words.ts'

const any: Rate = { gpu: null, target: null, project: null, from: null, gpuHour: 1, hostHour: null }
const day = new Date(2026, 0, 31).getTime()

test('a rate says which machines it is for', () => {
  expect(describeRate({ ...any, gpu: 'A100', target: 'dgx*', project: 'vision', from: day })).toBe(
    'A100 on dgx*, project vision, started from 2026-01-31 on',
  )
  expect(describeRate(any)).toBe('Any GPU')
  expect(describeRate({ ...any, gpuHour: null, hostHour: 1 })).toBe('Any machine')
})

test('what was read is written as it was', () => {
  const card: RateCard = {
    currency: 'EUR',
    rates: [{ ...any, gpu: 'A100', from: day }, { ...any, target: 'lab', gpuHour: 0, hostHour: 0.25 }, any],
  }
  expect(toCard(' eur', toDrafts(card))).toEqual(card)
})

test('a rate without a price, or with one that is none, is not taken', () => {
  expect(findRateFault(emptyDraft(0))).toMatch(/^A price is missing/)
  expect(findRateFault({ ...emptyDraft(0), gpuHour: -1 })).toBe('A price is nothing or more.')
  expect(findRateFault({ ...emptyDraft(0), hostHour: 1e300 })).toMatch(/at most/)
  expect(findRateFault({ ...emptyDraft(0), hostHour: 0 })).toBeUndefined()
})

test('a currency is three letters', () => {
  expect(['USD', ' eur ', '', 'US', '$', 'EURO', '12A'].filter(isCurrencyCode)).toEqual(['USD', ' eur '])
})
