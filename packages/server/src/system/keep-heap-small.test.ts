import { expect, it } from 'vitest'
import { calmPace, isCollectionDue, workPace } from './keep-heap-small.ts'

const last = { bytes: 30_000_000, atMs: 100_000 }
const grown = last.bytes + calmPace.growthBytes

it('what the start has left is collected once the thread is calm', () => {
  expect(isCollectionDue({ bytes: 1, busy: 0.9, nowMs: 0 }, null, calmPace)).toBe(false)
  expect(isCollectionDue({ bytes: 1, busy: 0.1, nowMs: 0 }, null, calmPace)).toBe(true)
})

it('a heap that has not grown is left alone, however long that is', () => {
  expect(isCollectionDue({ bytes: grown - 1, busy: 0, nowMs: 1e9 }, last, calmPace)).toBe(false)
})

it('a calm thread collects some time after the last time, a busy one does not, one that nobody waits for always does', () => {
  const due = (busy: number, afterMs: number, pace = calmPace): boolean =>
    isCollectionDue({ bytes: grown, busy, nowMs: last.atMs + afterMs }, last, pace)
  expect([due(0.2, 29_999), due(0.2, 30_000)]).toEqual([false, true])
  expect(due(0.6, 1e9)).toBe(false)
  expect([due(1, 1_999, workPace), due(1, 2_000, workPace)]).toEqual([false, true])
})
