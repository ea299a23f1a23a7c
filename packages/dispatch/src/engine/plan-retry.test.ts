import { expect, it } from 'vitest'
import type { Failure } from './judge-failure.ts'
import { planRetry } from './plan-retry.ts'

const failed: Failure = {
  code: 'engine_error',
  message: 'no',
  isFinal: false,
  slowsDown: false,
  isAway: false,
  retryAfterMs: null,
}

it('waits are drawn from a span that doubles up to a minute', () => {
  const longest = (attempts: number) => planRetry(failed, { attempts, counted: 0, random: 1 })
  expect([1, 2, 3].map(longest)).toMatchObject([{ waitMs: 500 }, { waitMs: 1_000 }, { waitMs: 2_000 }])
  expect(longest(9)).toMatchObject({ waitMs: 60_000 })
  expect(longest(5_000)).toMatchObject({ waitMs: 60_000 })
  expect(planRetry(failed, { attempts: 9, counted: 0, random: 0 })).toMatchObject({ waitMs: 0 })
})

it('an engine gets the time that it asks for, up to ten minutes, and not all come back at the same moment', () => {
  const plan = (retryAfterMs: number, random: number) =>
    planRetry({ ...failed, retryAfterMs }, { attempts: 1, counted: 0, random })
  expect(plan(3_000, 0)).toMatchObject({ waitMs: 3_000 })
  expect(plan(3_000, 0.5)).toMatchObject({ waitMs: 3_250 })
  expect(plan(1e12, 0)).toMatchObject({ waitMs: 600_000 })
})

it('after five failures that count nobody tries any more', () => {
  const kinds = [0, 1, 2, 3, 4].map((counted) => planRetry(failed, { attempts: counted + 1, counted, random: 0 }).kind)
  expect(kinds).toEqual(['retry', 'retry', 'retry', 'retry', 'give-up'])
  expect(planRetry(failed, { attempts: 1, counted: 0, random: 0, attemptsMax: 1 })).toEqual({ kind: 'give-up' })
})

it('an engine that is away or has too much to do does not use up the attempts of a request', () => {
  const plan = planRetry({ ...failed, slowsDown: true }, { attempts: 100, counted: 4, random: 0.5 })
  expect(plan).toEqual({ kind: 'retry', waitMs: 30_000, counts: false })
  expect(planRetry(failed, { attempts: 100, counted: 3, random: 0 })).toMatchObject({ counts: true })
})

it('what is final is not tried again, however it failed', () => {
  const final = { ...failed, isFinal: true, slowsDown: true }
  expect(planRetry(final, { attempts: 1, counted: 0, random: 0 })).toEqual({ kind: 'give-up' })
})
