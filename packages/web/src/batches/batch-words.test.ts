import { expect, it } from 'vitest'
import type { BatchCard } from '@pilothouse/contract'
import {
  countWords,
  describeCounts,
  describeShare,
  describeTime,
  formatCost,
  formatSpeed,
  formatTook,
  listRates,
  listSteps,
  sharesOf,
} from './batch-words.ts'

const counts = (total: number, completed: number, failed: number): BatchCard['counts'] => ({
  total,
  completed,
  failed,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
})
const card = (part: Partial<BatchCard>): BatchCard => ({
  id: 'batch_1',
  name: 'reviews.jsonl',
  owner: { id: 1, name: 'admin' },
  status: 'in_progress',
  endpoint: '/v1/chat/completions',
  model: 'qwen',
  priority: 0,
  counts: counts(10, 5, 0),
  cost: null,
  currency: 'EUR',
  requestsPerSecond: null,
  tokensPerSecond: null,
  eta: null,
  trouble: null,
  createdAt: 0,
  startedAt: null,
  expiresAt: 1,
  endedAt: null,
  parentId: null,
  ...part,
})

const standing = (...figures: Parameters<typeof counts>) => ({
  status: 'in_progress' as const,
  counts: counts(...figures),
})

it('a hundred percent is said only when all is done', () => {
  expect(describeShare(standing(0, 0, 0))).toBe('–')
  expect(describeShare(standing(1_000, 998, 1))).toBe('99 %')
  expect(describeShare(standing(1_000, 998, 2))).toBe('100 %')
  expect(sharesOf(standing(200, 100, 50))).toEqual({ completed: 50, failed: 25 })
  expect(sharesOf(standing(0, 0, 0))).toEqual({ completed: 0, failed: 0 })
})

it.each(['cancelling', 'cancelled', 'expired'] as const)('what was never sent is not done when it is %s', (status) => {
  const cut = { ...standing(1_000, 619, 381), status }
  expect([describeShare(cut), describeCounts(cut)]).toEqual(['61 %', '619 of 1000 answered'])
  expect(sharesOf(cut)).toEqual({ completed: 61.9, failed: 0 })
  const history = [
    { at: 0, completed: 0, failed: 0, inputTokens: 0, outputTokens: 0 },
    { at: 1_000, completed: 4, failed: 996, inputTokens: 8, outputTokens: 8 },
  ]
  expect(listRates({ status, startedAt: null, history }).requests).toEqual([4])
})

it('failed requests are named beside the whole', () => {
  expect(describeCounts(standing(0, 0, 0))).toBe('not counted yet')
  expect(describeCounts(standing(10, 5, 0))).toBe('5 of 10')
  expect(describeCounts(standing(10, 5, 2))).toBe('7 of 10, 2 failed')
})

it('the time left comes with what it lies between', () => {
  const eta = { leftMs: 720_000, leftMsMin: 540_000, leftMsMax: 900_000 }
  expect(describeTime(card({ eta }))).toEqual({ text: '12 m left', more: '9 m to 15 m' })
  expect(describeTime(card({ eta: { ...eta, leftMsMin: 720_000, leftMsMax: 720_000 } })).more).toBeUndefined()
  expect(describeTime(card({ eta: { leftMs: 400, leftMsMin: 0, leftMsMax: 900 } })).text).toBe('nearly done')
  expect(describeTime(card({}))).toEqual({ text: '–', more: undefined })
})

it('of an ended batch the time it took is said', () => {
  expect(describeTime(card({ status: 'completed', startedAt: 1_000, endedAt: 61_000 })).text).toBe('took 1 m')
  expect(describeTime(card({ status: 'failed', endedAt: 61_000 })).text).toBe('–')
})

it('speeds have three digits and costs their currency', () => {
  expect([null, 0, 0.123_456, 41.84, 1_234.5].map(formatSpeed)).toEqual(['–', '0', '0.123', '41.8', '1235'])
  expect([40.2, 12_000].map(formatTook)).toEqual(['40 ms', '12 s'])
  expect(formatCost({ cost: 18.4, currency: 'USD' })).toBe('$18.40')
  expect(formatCost({ cost: null, currency: 'USD' })).toBe('–')
})

it('two points make a rate, and a clock that went back makes none', () => {
  const point = (at: number, completed: number, tokens: number) => ({
    at,
    completed,
    failed: 0,
    inputTokens: tokens,
    outputTokens: 0,
  })
  const history = [point(0, 0, 0), point(2_000, 10, 400), point(1_000, 10, 400), point(3_000, 12, 500)]
  expect(listRates({ status: 'in_progress', startedAt: null, history })).toEqual({
    at: [2_000, 3_000],
    requests: [5, 1],
    tokens: [200, 50],
  })
  expect(listRates({ status: 'in_progress', startedAt: null, history: [] })).toEqual({
    at: [],
    requests: [],
    tokens: [],
  })
})

it('rates begin with the start, and the end of a batch makes none if nothing came with it', () => {
  const point = (at: number) => ({ at, completed: 4, failed: 2, inputTokens: 20, outputTokens: 10 })
  const history = [point(3_000), point(3_010)]
  const rates = { at: [3_000], requests: [3], tokens: [15] }
  expect(listRates({ status: 'completed', startedAt: 1_000, history })).toEqual(rates)
  expect(listRates({ status: 'in_progress', startedAt: 1_000, history }).requests).toEqual([3, 0])
})

it('a step lasts until the next, and the one that goes on until now', () => {
  const timeline = [
    { status: 'validating' as const, at: 100 },
    { status: 'in_progress' as const, at: 300 },
  ]
  expect(listSteps(timeline, 1_300).map(({ lastedMs }) => lastedMs)).toEqual([200, 1_000])
  expect(listSteps([{ status: 'completed', at: 5 }], 9)[0]?.lastedMs).toBeNull()
})

it('one is not several', () => {
  expect(countWords(1, 'request')).toBe('1 request')
  expect(countWords(12, 'batch', 'batches')).toBe('12 batches')
})
