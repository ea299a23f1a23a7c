import { expect, it } from 'vitest'
import { type Outcome, isFinalStatus, planRetry } from './plan-retry.ts'

const failed: Outcome = { kind: 'failed', error: 'busy', isFinal: false, retryAfterMs: null }

it('what failed is tried again after longer and longer, for about a day', () => {
  let now = 0
  let tries = 0
  expect(planRetry(failed, { tries, now }).nextMs).toBe(10_000)
  for (;;) {
    const plan = planRetry(failed, { tries, now })
    if (plan.nextMs === null) break
    expect(plan).toMatchObject({ status: 'waiting', error: 'busy' })
    now = plan.nextMs
    tries += 1
  }
  expect(tries).toBe(8)
  expect(now / 3_600_000).toBeGreaterThan(20)
  expect(planRetry(failed, { tries, now })).toEqual({ status: 'given-up', nextMs: null, error: 'busy' })
})

it('a service that asks for more time gets it, up to an hour', () => {
  expect(planRetry({ ...failed, retryAfterMs: 30_000 }, { tries: 0, now: 0 }).nextMs).toBe(30_000)
  expect(planRetry({ ...failed, retryAfterMs: 1e12 }, { tries: 0, now: 0 }).nextMs).toBe(3_600_000)
})

it('what is refused for good is not tried again', () => {
  expect(planRetry({ ...failed, isFinal: true }, { tries: 0, now: 0 }).status).toBe('given-up')
  expect([400, 401, 404, 410, 302].every(isFinalStatus)).toBe(true)
  expect([408, 429, 500, 503].some(isFinalStatus)).toBe(false)
})
