import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderRequests } from './order-requests.ts'

test('prompts that begin alike follow one another, the longest answers first', () => {
  const order = orderRequests({ maxTokens: [10, 500, 20, 900, 30, 0], prefix: [1, 2, 1, 3, 2, 1] })
  expect([...order]).toEqual([3, 1, 4, 2, 0, 5])
})

test('without any difference requests stay in their order', () => {
  expect([...orderRequests({ maxTokens: [0, 0, 0], prefix: [7, 7, 7] })]).toEqual([0, 1, 2])
  expect(orderRequests({ maxTokens: [], prefix: [] }).length).toBe(0)
})

test('each request comes once, and no group is torn apart', () => {
  const requests = fc.array(fc.record({ maxTokens: fc.nat(2_000), prefix: fc.nat(5) }), { maxLength: 200 })
  fc.assert(
    fc.property(requests, (all) => {
      const traits = { maxTokens: all.map((one) => one.maxTokens), prefix: all.map((one) => one.prefix) }
      const order = [...orderRequests(traits)]
      expect(order.toSorted((a, b) => a - b)).toEqual(all.map((_, at) => at))
      const groups = order.map((at) => traits.prefix[at])
      const changes = groups.filter((group, at) => at > 0 && group !== groups[at - 1]).length
      expect(changes).toBe(Math.max(0, new Set(groups).size - 1))
    }),
  )
})

test('groups and requests stand as sorting them by all that counts would have them', () => {
  const tokens = fc.oneof(fc.constantFrom(0, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1), fc.nat(5))
  const prefix = fc.oneof(fc.constantFrom(0, 2 ** 16, 2 ** 32 - 1), fc.nat(8))
  fc.assert(
    fc.property(fc.array(fc.record({ maxTokens: tokens, prefix }), { maxLength: 60 }), (all) => {
      const traits = { maxTokens: all.map((one) => one.maxTokens), prefix: all.map((one) => one.prefix) }
      const longest = (group: number) =>
        Math.max(...all.filter((one) => one.prefix === group).map((one) => one.maxTokens))
      const keys = all.map((one, at) => [-longest(one.prefix), traits.prefix.indexOf(one.prefix), -one.maxTokens, at])
      const expected = keys.toSorted((one, other) => one.reduce((sum, key, n) => sum || key - (other[n] ?? 0), 0))
      expect([...orderRequests(traits)]).toEqual(expected.map((key) => key[3]))
    }),
  )
})
