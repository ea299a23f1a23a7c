import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, scratch } from './bytes.ts'
import { decodeColumn, encodeColumn, skipColumn } from './column.ts'

function passThrough(values: Float64Array): { bytes: number; values: Float64Array } {
  scratch.begin()
  encodeColumn(scratch, values, 0, values.length)
  const blob = scratch.finish('chunk', values.length)
  const out = new Float64Array(values.length)
  const reader = new ByteReader(blob, 'chunk')
  decodeColumn(reader, values.length, out)
  reader.finish()
  const skipper = new ByteReader(blob, 'chunk')
  skipColumn(skipper, values.length)
  skipper.finish()
  return { bytes: blob.length - 16, values: out }
}

const rows = Array.from({ length: 1024 }, (_, row) => row)
/** Reproducible noise between 0 and 1. */
const noise = (row: number) => (((row + 1) * 48_271 * 7919) % 2_147_483_647) / 2_147_483_647

describe('a column', () => {
  it('comes back bit by bit, whatever stands in it', () => {
    const value = fc.oneof(
      fc.double(),
      fc.float(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.integer({ min: -9999, max: 9999 }).map((integer) => integer / 1000),
      fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 0, 2 ** 52, -(2 ** 52), 5e-324, Number.MAX_VALUE),
    )
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.array(value, { maxLength: 4 }), (one, other) => {
        const column = Float64Array.from([...one, ...one.slice(0, 10).flatMap(() => other)])
        expect(passThrough(column).values).toEqual(column)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['a constant', () => 0.1, 16],
    ['no epoch at all', () => Number.NaN, 16],
    ['steps that count', (row: number) => 7 + row, 24],
    ['steps by tens', (row: number) => row * 10, 24],
    ['times with jitter', (row: number) => 1_750_000_000_000 + row * 50 + Math.floor(noise(row) * 20), 24 + 1023],
    ['numbers with four decimal places', (row: number) => Math.round(noise(row) * 10_000) / 10_000, 24 + 2 * 1023],
    ['float32 noise', (row: number) => Math.fround(noise(row)), 4 + 4 * 1024],
    ['float64 noise', (row: number) => noise(row) * Math.PI, 8 + 8 * 1024],
  ])('takes no more room than it needs: %s', (_, make, bytes) => {
    const column = Float64Array.from(rows, make)
    const passed = passThrough(column)
    expect(passed.values).toEqual(column)
    expect(passed.bytes).toBeLessThanOrEqual(bytes)
  })
})
