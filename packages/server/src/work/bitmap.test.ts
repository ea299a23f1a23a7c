import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hasBit, listUnset, readBits, withBits, writeBits } from './bitmap.ts'

it('the bits that were set are read again, and the others are listed', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(299)), fc.uniqueArray(fc.nat(299)), (first, second) => {
      const text = writeBits(withBits(readBits('', 300), first))
      const bits = withBits(readBits(text, 300), second)
      const all = new Set([...first, ...second])
      for (let at = 0; at < 300; at += 1) expect(hasBit(bits, at)).toBe(all.has(at))
      expect(listUnset(bits, 300)).toEqual(Array.from({ length: 300 }, (_, at) => at).filter((at) => !all.has(at)))
    }),
  )
})

it('the first request is the lowest bit of the first byte', () => {
  expect(writeBits(withBits(readBits('', 9), [0, 8]))).toBe(Buffer.from([1, 1]).toString('base64'))
})
