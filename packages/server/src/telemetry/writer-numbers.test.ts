import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addNumber, hasNumber, noNumbers } from './writer-numbers.ts'

describe('the numbers of a writer', () => {
  it('know exactly those that were added, in whichever order they came', () => {
    const numbers = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 })
    fc.assert(
      fc.property(numbers, (list) => {
        const known = list.reduce(addNumber, noNumbers)
        for (let number = 1; number <= 61; number += 1) expect(hasNumber(known, number)).toBe(list.includes(number))
      }),
    )
  })

  it('are one number when there is no gap', () => {
    const list = [3, 1, 5, 4, 2]
    expect(list.reduce(addNumber, noNumbers)).toEqual({ upto: 5, beyond: [] })
  })

  it('refuse more gaps than are bounded', () => {
    const odd = Array.from({ length: 1_000 }, (_, at) => 3 + at * 2).reduce(addNumber, noNumbers)
    expect(() => addNumber(odd, 5_000)).toThrow(/missing in more than 1000 places/)
    expect(hasNumber(addNumber(odd, 4), 4)).toBe(true)
  })
})
