import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cutShards, shardBytesMax, shardRequestsMax } from './cut-shards.ts'

it('each request is in one shard, none is too large unless one request is, and each is as large as it may be', () => {
  const sizes = fc.array(fc.oneof(fc.nat(100), fc.nat(5_000_000)), { maxLength: 900 })
  fc.assert(
    fc.property(sizes, (bytes) => {
      const shards = cutShards(bytes)
      let next = 0
      for (const { first, count } of shards) {
        expect(first).toBe(next)
        expect(count).toBeGreaterThan(0)
        next += count
        const sum = sumOf(bytes.slice(first, next))
        expect(count <= shardRequestsMax && (sum <= shardBytesMax || count === 1)).toBe(true)
        const isFull = count === shardRequestsMax || sum + (bytes[next] ?? Infinity) > shardBytesMax
        expect(isFull || next === bytes.length).toBe(true)
      }
      expect(next).toBe(bytes.length)
    }),
    { numRuns: 50 },
  )
})

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0)
}
