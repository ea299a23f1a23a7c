import { describe, expect, it } from 'vitest'
import { encodeAxisPiece } from './axis.ts'
import { decodeChunk, encodeChunk } from './chunk.ts'

const steps = Float64Array.from({ length: 100 }, (_, row) => row)
const times = steps.map((step) => 1_750_000_000_000 + step * 50)
const epochs = steps.map((step) => (step % 2 === 0 ? step / 100 : Number.NaN))
const values = steps.map((step) => Math.sin(step))
const chunk = encodeChunk(encodeAxisPiece([steps, times, epochs], 100), values)

describe('a chunk', () => {
  it('gives back all columns, or those asked for', () => {
    const outs = [0, 1, 2, 3].map(() => new Float64Array(100))
    expect(decodeChunk(chunk, outs)).toBe(100)
    expect(outs).toEqual([steps, times, epochs, values])
    const some = [undefined, new Float64Array(100), undefined, new Float64Array(100)]
    decodeChunk(chunk, some)
    expect(some).toEqual([undefined, times, undefined, values])
  })

  it('is read at any place in memory', () => {
    const shifted = new Uint8Array(chunk.length + 3)
    shifted.set(chunk, 3)
    const out = new Float64Array(100)
    decodeChunk(shifted.subarray(3), [undefined, undefined, undefined, out])
    expect(out).toEqual(values)
  })

  it('is refused when any of its bytes is another', () => {
    const outs = [0, 1, 2, 3].map(() => new Float64Array(100))
    for (let place = 0; place < chunk.length; place += 1) {
      const damaged = chunk.slice()
      damaged[place] = (damaged[place] ?? 0) ^ 0x10
      expect(() => decodeChunk(damaged, outs)).toThrow(/checksum/)
    }
    expect(() => decodeChunk(chunk.subarray(0, 50), outs)).toThrow(/checksum/)
    expect(() => decodeChunk(chunk.subarray(0, 5), outs)).toThrow(/bytes/)
  })
})
