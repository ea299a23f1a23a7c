import { expect, test } from 'vitest'
import { pause, waitAfter } from './pause.ts'

test('waits grow to 10 s, and are spread', () => {
  expect([1, 2, 3, 6, 7, 5_000].map((failures) => waitAfter(failures, 1))).toEqual([
    250, 500, 1_000, 8_000, 10_000, 10_000,
  ])
  expect(waitAfter(1, 0)).toBe(125)
})

test('a pause ends early with its signal', async () => {
  const stop = new AbortController()
  const paused = pause(60_000, stop.signal)
  stop.abort()
  await paused
  await pause(60_000, stop.signal)
})
