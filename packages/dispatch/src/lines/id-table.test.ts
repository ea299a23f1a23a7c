import { expect, it } from 'vitest'
import { IdTable, makeIdHash } from './id-table.ts'

it('ids are found by their hash, all of one that have it, however many there are', () => {
  const table = new IdTable()
  for (let row = 0; row < 20_000; row += 1) table.add((row % 10_000) * 2 ** 18 + 7, row)
  for (let row = 0; row < 10_000; row += 1) expect(table.find(row * 2 ** 18 + 7)).toEqual([row, row + 10_000])
  expect(table.find(2 ** 31 + 8)).toEqual([])
  table.clear()
  expect(table.find(7)).toEqual([])
  table.add(7, 3)
  expect(table.find(7)).toEqual([3])
})

it('numbered ids hash to numbers of 32 bits that nearly all differ, and to other ones with another seed', () => {
  const hash = makeIdHash(1)
  const seen = new Set<number>()
  const slots = new Set<number>()
  for (let at = 0; at < 100_000; at += 1) {
    seen.add(hash(`request-${at}`))
    slots.add(hash(`request-${at}`) & 0xffff)
  }
  // One pair in 4 billion is alike by chance, of 5 billion pairs.
  expect(seen.size).toBeGreaterThan(100_000 - 10)
  expect([...seen].every((one) => Number.isInteger(one) && one >= 0 && one < 2 ** 32)).toBe(true)
  // Thrown at random, 100,000 leave 22 % of 65,536 slots empty.
  expect(slots.size / 65_536).toBeCloseTo(1 - Math.exp(-100_000 / 65_536), 2)
  expect(makeIdHash(2)('request-1')).not.toBe(hash('request-1'))
})
