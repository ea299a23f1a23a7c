import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cancelDraw, requestDraw } from './frame-loop.ts'

let [frames, nowMs]: [(() => void)[], number] = [[], 0]

beforeEach(() => {
  frames = []
  nowMs = 0
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame))
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
})

afterEach(() => {
  while (frames.length > 0) runFrame()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const runFrame = (): void => frames.shift()?.()
const makeDraws = (count: number, tookMs: number) =>
  Array.from({ length: count }, () => vi.fn(() => void (nowMs += tookMs)))
const countDrawn = (draws: ReturnType<typeof makeDraws>) => draws.map(({ mock }) => mock.calls.length)

test('whoever asks several times in a frame is drawn once', () => {
  const draws = makeDraws(3, 1)
  for (const draw of [...draws, ...draws]) requestDraw(draw)
  runFrame()
  expect(countDrawn(draws)).toEqual([1, 1, 1])
  expect(frames).toEqual([])
})

test('what a frame has no time for comes first in the next one', () => {
  const draws = makeDraws(5, 4)
  for (const draw of draws) requestDraw(draw)
  runFrame()
  expect(countDrawn(draws)).toEqual([1, 1, 0, 0, 0])
  for (const draw of draws) requestDraw(draw)
  runFrame()
  expect(countDrawn(draws)).toEqual([1, 1, 1, 1, 0])
  runFrame()
  expect(countDrawn(draws)).toEqual([2, 1, 1, 1, 1])
})

test('a picture that takes longer than a frame is drawn all the same', () => {
  const draws = makeDraws(2, 100)
  for (const draw of draws) requestDraw(draw)
  runFrame()
  runFrame()
  expect(countDrawn(draws)).toEqual([1, 1])
})

test('one that asks again while it is drawn waits for the next frame', () => {
  const again = vi.fn(() => {
    if (again.mock.calls.length < 2) requestDraw(again)
  })
  requestDraw(again)
  runFrame()
  expect(again).toHaveBeenCalledTimes(1)
  expect(frames).toHaveLength(1)
  runFrame()
  expect(again).toHaveBeenCalledTimes(2)
})

test('one that is taken back is not drawn, even by one that is drawn before it', () => {
  const gone = vi.fn()
  requestDraw(() => cancelDraw(gone))
  requestDraw(gone)
  runFrame()
  expect(gone).not.toHaveBeenCalled()
})
