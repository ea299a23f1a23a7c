import { expect, it } from 'vitest'
import { beginOf, sumUsage } from './sum-usage.ts'

const row = (cost: number | null) => ({
  member: { id: 1, name: 'ada' },
  model: 'small',
  batches: 2,
  total: 10,
  completed: 7,
  failed: 3,
  inputTokens: 100,
  cachedTokens: 40,
  outputTokens: 50,
  reasoningTokens: 20,
  cost,
})

it('rows are added up, and what has no price adds nothing to the cost', () => {
  expect(sumUsage([row(0.5), row(null)])).toEqual({
    batches: 4,
    total: 20,
    completed: 14,
    failed: 6,
    inputTokens: 200,
    cachedTokens: 80,
    outputTokens: 100,
    reasoningTokens: 40,
    cost: 0.5,
  })
  expect(sumUsage([row(null)]).cost).toBeNull()
})

it('a frame begins with a day, today being its last one', () => {
  expect(beginOf('7', new Date(2026, 2, 3, 15))).toBe(new Date(2026, 1, 25).getTime())
  expect(beginOf('all', new Date(2026, 2, 3))).toBeUndefined()
})
