import { describe, expect, it } from 'vitest'
import { countRows, isRunOver, planNext, planRetry } from './plan-next.ts'

/** Goes through a history as the follower does, at a W&B that thins out what is more than asked for. */
function walk(steps: readonly number[], keyCount: number): { taken: number[]; questions: number } {
  const lastStep = Math.max(-1, ...steps)
  const taken: number[] = []
  let place = { nextStep: 0, windowSteps: 0 }
  for (let questions = 1; questions < 5_000; questions += 1) {
    const rowsAllowed = countRows(questions === 1 ? 0 : keyCount)
    const windowSteps = Math.max(place.windowSteps, rowsAllowed)
    const from = place.nextStep
    const inRange = steps.filter((step) => step >= from && step < from + windowSteps)
    const rows = inRange.slice(0, rowsAllowed)
    const next = planNext({
      from,
      windowSteps,
      rowsAllowed,
      rows: rows.length,
      lastRow: rows.at(-1) ?? null,
      lastStep,
      keyCount,
    })
    if (!next.isThinned) taken.push(...rows)
    place = next
    if (!next.hasMore) return { taken, questions }
  }
  throw new Error('It does not come to an end.')
}

describe('every row of a history is taken once', () => {
  const dense = Array.from({ length: 2_500 }, (_, at) => at)
  const sparse = dense.map((at) => at * 1_000_003)
  const burst = [0, 5_000_000, ...dense.map((at) => 80_000_000 + at), 2 ** 40]
  it.each([
    ['without a row', [], 10],
    ['of each step', dense, 10],
    ['of each step, with a thousand metrics', dense, 1_000],
    ['of few steps of many', sparse, 10],
    ['that are close together after a long gap', burst, 300],
  ])('%s', (_name, steps, keyCount) => {
    const { taken, questions } = walk(steps, keyCount)
    expect(taken).toEqual(steps)
    expect(questions).toBeLessThan(400)
  })
})

it('goes on behind the last row that there is, and not behind rows that are still to come', () => {
  const first = { from: 100, windowSteps: 1_000, rowsAllowed: 1_000, keyCount: 5 }
  expect(planNext({ ...first, rows: 3, lastRow: 102, lastStep: 102 })).toMatchObject({ nextStep: 103, hasMore: false })
  expect(planNext({ ...first, rows: 0, lastRow: null, lastStep: 400 })).toMatchObject({ nextStep: 100, hasMore: false })
})

describe('a run', () => {
  const now = 10_000_000_000
  const standing = { stateBefore: 'running', state: 'running', heartbeatMs: now, isJobEnded: false, now }
  it.each([
    ['finished, told once', { state: 'finished' }, false],
    ['finished, told twice', { state: 'finished', stateBefore: 'finished' }, true],
    ['crashed while its job runs', { state: 'crashed', stateBefore: 'crashed' }, false],
    ['crashed after its job', { state: 'crashed', stateBefore: 'crashed', isJobEnded: true }, true],
    ['running', {}, false],
    ['running, its job ended', { isJobEnded: true }, false],
    ['running, its job ended, silent for an hour', { isJobEnded: true, heartbeatMs: now - 3_600_000 }, true],
  ])('%s', (_name, change, isOver) => {
    expect(isRunOver({ ...standing, ...change })).toBe(isOver)
  })
})

it('waits longer each time, for ten minutes at most, or as long as W&B asks for', () => {
  const wait = (tries: number, retryAfterMs: number | null = null) =>
    planRetry(tries, { firstMs: 10_000, retryAfterMs })
  expect([0, 1, 2, 20].map((tries) => wait(tries))).toEqual([10_000, 20_000, 40_000, 600_000])
  expect(wait(0, 90_000)).toBe(90_000)
  expect(wait(0, 1)).toBe(10_000)
  expect(wait(0, 1e12)).toBe(3_600_000)
})
