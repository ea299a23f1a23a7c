import { describe, expect, it } from 'vitest'
import { AttemptLimiter } from './attempt-limiter.ts'

describe('failed attempts', () => {
  it('may come at once up to the burst, and then one by one', () => {
    const limiter = new AttemptLimiter({ burst: 2, refillMs: 1_000 })
    limiter.noteFailure('a', 0)
    expect(limiter.waitMs('a', 0)).toBe(0)
    limiter.noteFailure('a', 0)
    expect(limiter.waitMs('a', 0)).toBe(1_000)
    expect(limiter.waitMs('b', 0)).toBe(0)
    expect(limiter.waitMs('a', 1_000)).toBe(0)
    limiter.noteFailure('a', 1_000)
    expect(limiter.waitMs('a', 1_400)).toBe(600)
  })

  it('are forgotten with time, and a clock that goes back forgives nothing', () => {
    const limiter = new AttemptLimiter({ burst: 1, refillMs: 1_000 })
    limiter.noteFailure('a', 5_000)
    expect(limiter.waitMs('a', 4_000)).toBe(1_000)
    expect(limiter.waitMs('a', 6_000)).toBe(0)
  })

  it('are remembered for so many addresses only', () => {
    const limiter = new AttemptLimiter({ burst: 1, refillMs: 1_000, addressesMax: 2 })
    for (const address of ['a', 'b', 'c']) limiter.noteFailure(address, 0)
    expect(['a', 'b', 'c'].map((address) => limiter.waitMs(address, 0))).toEqual([0, 1_000, 1_000])
  })
})
