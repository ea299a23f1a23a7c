import type { Headline } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { readCardHealth } from './card-health.ts'

const falling = [8, 6, 5, 4, 3.5, 3.2, 3, 2.9, 2.8]

function judge(headline: Partial<Headline>, { state = 'running' as const, ageMs = 1_000 } = {}): string {
  const first: Headline = { key: 'loss', last: 2.8, best: 2.7, bestStep: 9, goal: 'minimize', spark: falling }
  const { level, word } = readCardHealth({ state, headline: { ...first, ...headline }, heardAt: 0 }, ageMs)
  return `${level} ${word}`
}

it('a job whose loss falls is well, and one whose loss goes up diverges', () => {
  expect(judge({})).toBe('good ok')
  expect(judge({ spark: [...falling, 3.6, 4.4] })).toBe('warning diverging')
  expect(judge({ last: null })).toBe('error diverging')
})

it('a loss that is nearly nothing may be twice nearly nothing', () => {
  expect(judge({ spark: [...falling, 0.1, 0.05, 0.02, 0.04] })).toBe('good ok')
})

it('of what is no loss nothing is said, nor of a curve that has hardly begun', () => {
  expect(judge({ goal: 'maximize', spark: [...falling, 8] })).toBe('neutral running')
  expect(judge({ spark: [3, 4.9] })).toBe('good ok')
  expect(readCardHealth({ state: 'queued', headline: null, heardAt: null }, 0)).toMatchObject({ word: 'queued' })
})

it('a job of which nothing is heard is stale', () => {
  expect(judge({}, { ageMs: 200_000 })).toBe('warning stale')
})
