import { expect, it } from 'vitest'
import { type BatchChoice, orderBatches } from './choose-batch.ts'

const batch = (id: string, more: Partial<BatchChoice> = {}): BatchChoice => ({
  id,
  ownerId: 1,
  priority: 0,
  servedMs: 0,
  ...more,
})

it('priority comes before everything, then who has least, then who waits longest, then age', () => {
  const batches = [
    batch('e', { servedMs: 5 }),
    batch('d', { servedMs: 4 }),
    batch('c', { servedMs: 4 }),
    batch('b', { ownerId: 2, servedMs: 9 }),
    batch('a', { priority: 1, servedMs: 99 }),
  ]
  const ordered = orderBatches(batches, new Map([[1, 2]])).map(({ id }) => id)
  expect(ordered).toEqual(['a', 'b', 'c', 'd', 'e'])
})
