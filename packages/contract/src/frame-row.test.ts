import { expect, it } from 'vitest'
import { joinFrames, splitFrames } from './frame-row.ts'

it('frames of any length come out of a row as they went in, each at a multiple of eight', () => {
  const frames = [1, 7, 8, 9, 0, 4096].map((length) => new Uint8Array(length).fill(length % 251))
  const row = joinFrames(frames)
  const out = splitFrames(row)
  expect(out.map((frame) => [...frame])).toEqual(frames.map((frame) => [...frame]))
  expect(out.every(({ byteOffset }) => byteOffset % 8 === 0)).toBe(true)
})

it.each([
  ['nothing', new Uint8Array()],
  ['a torn length', new Uint8Array(5)],
  ['a frame longer than the body', Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 1)],
  ['text', new TextEncoder().encode('{"attempt": 1, "writer": "w"}')],
])('%s is no row of frames, and says so', (_name, bytes) => {
  expect(() => splitFrames(bytes)).toThrow(expect.objectContaining({ code: 'malformed' }))
})
