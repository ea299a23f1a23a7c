import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pace } from './pace.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watchPace() {
  const calledMs: number[] = []
  const begunMs = performance.now()
  return { calledMs, pace: new Pace(() => calledMs.push(performance.now() - begunMs)) }
}

test('what comes in rounds is told with a round, and the last of it by itself', () => {
  const { calledMs, pace } = watchPace()
  for (const _round of Array.from({ length: 6 })) {
    pace.ask(250)
    vi.advanceTimersByTime(180)
  }
  vi.advanceTimersByTime(1_000)
  expect(calledMs).toEqual([0, 360, 720, 1_095])
})

test('what comes seldom is told at once', () => {
  const { calledMs, pace } = watchPace()
  for (const _time of Array.from({ length: 3 })) {
    pace.ask(250)
    vi.advanceTimersByTime(1_000)
  }
  expect(calledMs).toEqual([0, 1_000, 2_000])
})

test('nothing is told after a stop', () => {
  const { calledMs, pace } = watchPace()
  pace.ask(250)
  pace.ask(250)
  pace.stop()
  vi.advanceTimersByTime(1_000)
  expect(calledMs).toEqual([0])
})
