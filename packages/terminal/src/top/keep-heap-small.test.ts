import { afterEach, expect, it, vi } from 'vitest'
import { collectEveryMs, keepHeapSmall } from './keep-heap-small.ts'

const mb = 1024 * 1024
afterEach(() => void vi.useRealTimers())

it('collects when the heap has grown by 1 MB since it was collected last', () => {
  vi.useFakeTimers()
  let heap = 20 * mb
  const collect = vi.fn(() => {
    heap = 8 * mb
  })
  const stop = keepHeapSmall(collect, () => heap)
  vi.advanceTimersByTime(collectEveryMs)
  expect(collect).toHaveBeenCalledTimes(1)
  heap = 8.9 * mb
  vi.advanceTimersByTime(10 * collectEveryMs)
  expect(collect).toHaveBeenCalledTimes(1)
  heap = 9 * mb
  vi.advanceTimersByTime(collectEveryMs)
  expect(collect).toHaveBeenCalledTimes(2)
  stop()
  heap = 50 * mb
  vi.advanceTimersByTime(10 * collectEveryMs)
  expect(collect).toHaveBeenCalledTimes(2)
})

it('does nothing where Node was started without it', () => {
  vi.useFakeTimers()
  keepHeapSmall(undefined)
  expect(vi.getTimerCount()).toBe(0)
})
