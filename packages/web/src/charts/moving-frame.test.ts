import { expect, test } from 'vitest'
import { beginOfFrame, isOutgrown, listFrames, placeFrame, readFrame, sizeOver } from './moving-frame.ts'

test.each([
  ['5m', { kind: 'time', size: 300_000 }],
  ['6h', { kind: 'time', size: 21_600_000 }],
  ['1000', { kind: 'step', size: 1_000 }],
  ['0', undefined],
  ['5d', undefined],
  ['1e3', undefined],
  [undefined, undefined],
])('an address with «%s»', (text, frame) => {
  expect(readFrame(text)).toEqual(frame)
})

test('a frame of time cuts both axes of time, one of steps that of steps', () => {
  const axes = ['relative', 'wall', 'step', 'epoch', 'metric:tokens'] as const
  expect(axes.map((x) => sizeOver(x, readFrame('5m')))).toEqual([300_000, 300_000, null, null, null])
  expect(axes.map((x) => sizeOver(x, readFrame('50')))).toEqual([null, null, 50, null, null])
})

test('frames of steps are offered as far as the job has come, and what is chosen stays among them', () => {
  const values = (...given: Parameters<typeof listFrames>) => listFrames(...given).map(({ value }) => value)
  expect(values('step', 5_000, undefined)).toEqual(['100', '1000'])
  expect(values('step', 5_000, '250')).toEqual(['100', '1000', '250'])
  expect(values('step', 5_000, '5m')).toEqual(['100', '1000'])
  expect(values('wall', undefined, undefined)).toEqual(['5m', '15m', '1h', '6h'])
  expect(values('epoch', 3, '5m')).toEqual([])
})

test('the frame moves along, and is asked for again when it has moved by its own length', () => {
  expect(placeFrame(100, 1_040)).toEqual([940, 1_040])
  const begin = beginOfFrame(100, 1_040)
  // Charts that ask a few steps later ask for the same.
  expect(beginOfFrame(100, 1_045)).toBe(begin)
  expect(begin).toBeLessThanOrEqual(940)
  expect([1_040, 1_100, 1_200].map((newest) => isOutgrown(begin, 100, newest))).toEqual([false, false, true])
  // The script goes back to an earlier step.
  expect(isOutgrown(begin, 100, 500)).toBe(true)
})
