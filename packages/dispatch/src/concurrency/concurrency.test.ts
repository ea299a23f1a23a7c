import { expect, test } from 'vitest'
import { advanceConcurrency, type Concurrency, fitConcurrency, startConcurrency, usualBounds } from './concurrency.ts'

/**
 * An engine as a formula: each of its slots gives so many tokens a second; what is sent beyond them waits, and costs a little.
 * Answers have 100 tokens.
 */
type Engine = { slots: number; tokensPerSlot: number; tells: boolean; noise?: number; refusesBeyond?: number }
const tickMs = 250
const answerTokens = 100

function rateOf({ slots, tokensPerSlot }: Engine, inFlight: number): number {
  const beyond = Math.max(0, inFlight - slots)
  return Math.min(inFlight, slots) * tokensPerSlot * Math.max(0.5, 1 - 0.002 * beyond)
}

/** Runs an engine for so long; `at` tells which one it is at a time. Returns the state, and the share of the best rate lately. */
function run(at: (nowMs: number) => Engine, { ms, seed = 1 }: { ms: number; seed?: number }) {
  let state = startConcurrency(usualBounds)
  let [inFlight, owed, noise] = [0, 0, seed]
  const shares: number[] = []
  for (let nowMs = tickMs; nowMs <= ms; nowMs += tickMs) {
    const engine = at(nowMs)
    // What is beyond the limit goes on until it is answered: one latency long.
    inFlight = Math.max(state.limit, inFlight * 0.8)
    inFlight = Math.abs(inFlight - state.limit) < 1 ? state.limit : inFlight
    noise = (noise * 16_807) % 2_147_483_647
    const rate = rateOf(engine, inFlight) * (1 + (engine.noise ?? 0) * (2 * (noise / 2_147_483_647) - 1))
    owed += (rate * tickMs) / 1000
    const answered = Math.floor(owed / answerTokens)
    owed -= answered * answerTokens
    shares.push(rateOf(engine, inFlight) / rateOf(engine, engine.slots))
    state = advanceConcurrency(
      state,
      {
        nowMs,
        inFlight,
        answered,
        tokens: (rate * tickMs) / 1000,
        slowdowns: inFlight > (engine.refusesBeyond ?? Number.POSITIVE_INFINITY) ? 3 : 0,
        preemptions: 0,
        waiting: engine.tells ? Math.max(0, Math.floor(inFlight - engine.slots)) : null,
        latencyMs: ((inFlight * answerTokens) / rate) * 1000,
      },
      usualBounds,
    )
  }
  const late = shares.slice(-Math.ceil(shares.length / 3))
  return { state, share: late.reduce((sum, one) => sum + one, 0) / late.length }
}

for (const slots of [1, 3, 16, 60, 256])
  for (const tells of [true, false])
    test(`the knee at ${slots} is found where the engine ${tells ? 'tells its queue' : 'tells nothing'}`, () => {
      const engine = { slots, tokensPerSlot: 100, tells, noise: 0.04 }
      for (const seed of [1, 22, 333, 4_444, 55_555]) {
        const { share, state } = run(() => engine, { ms: 240_000, seed })
        expect(share).toBeGreaterThan(0.95)
        expect(state.limit).toBeLessThan(1.6 * slots + 4)
      }
    })

test('where requests wait in the engine the limit is found within seconds', () => {
  const { state } = run(() => ({ slots: 200, tokensPerSlot: 100, tells: true }), { ms: 8_000 })
  expect(state.limit).toBeGreaterThan(195)
  expect(state.limit).toBeLessThan(240)
})

for (const tells of [true, false])
  test(`it follows an engine that somebody else uses meanwhile, ${tells ? 'by its queue' : 'by its rate'}`, () => {
    const engine = (nowMs: number): Engine => {
      return { slots: nowMs < 120_000 ? 64 : 16, tokensPerSlot: 100, tells }
    }
    const { share, state } = run(engine, { ms: 600_000 })
    expect(share).toBeGreaterThan(0.9)
    expect(state.limit).toBeLessThan(40)
  })

test('an engine that refuses is sent fewer, and as many again as it takes', () => {
  const { state, share } = run(() => ({ slots: 100, tokensPerSlot: 50, tells: false, refusesBeyond: 40 }), {
    ms: 300_000,
  })
  expect(state.limit).toBeLessThanOrEqual(48)
  expect(share).toBeGreaterThan(0.2)
})

test('one moment of refusals is one back-off, however many they are', () => {
  const seen = {
    nowMs: 1_000,
    inFlight: 40,
    answered: 0,
    tokens: 0,
    slowdowns: 40,
    preemptions: 0,
    waiting: null,
    latencyMs: 500,
  }
  const state: Concurrency = { ...startConcurrency(usualBounds), limit: 40 }
  const once = advanceConcurrency(state, seen, usualBounds)
  expect(once.limit).toBe(28)
  expect(advanceConcurrency(once, { ...seen, nowMs: 1_500 }, usualBounds).limit).toBe(28)
  expect(advanceConcurrency(once, { ...seen, nowMs: 3_500, inFlight: 28 }, usualBounds).limit).toBe(19)
})

test('it stays within its bounds', () => {
  const bounds = { floor: 2, ceiling: 6, start: 100 }
  let state = startConcurrency(bounds)
  expect(state.limit).toBe(6)
  const seen = {
    nowMs: 0,
    inFlight: 6,
    answered: 10,
    tokens: 0,
    slowdowns: 1,
    preemptions: 1,
    waiting: 0,
    latencyMs: 10,
  }
  for (let nowMs = 5_000; nowMs < 60_000; nowMs += 5_000) state = advanceConcurrency(state, { ...seen, nowMs }, bounds)
  expect(state.limit).toBe(2)
  for (let nowMs = 65_000; nowMs < 165_000; nowMs += 5_000)
    state = advanceConcurrency(state, { ...seen, nowMs, inFlight: state.limit, slowdowns: 0, preemptions: 0 }, bounds)
  expect(state.limit).toBe(6)
})

test('other bounds change it only where it is outside of them', () => {
  const found = { ...startConcurrency({ ...usualBounds, start: 40 }), best: { limit: 40, rate: 9 }, isStarting: false }
  expect(fitConcurrency(found, { ...usualBounds, ceiling: 40 })).toBe(found)
  expect(fitConcurrency(found, { ...usualBounds, ceiling: 8 })).toMatchObject({
    limit: 8,
    best: null,
    isStarting: false,
  })
  expect(fitConcurrency(found, { ...usualBounds, floor: 64 })).toMatchObject({ limit: 64 })
})

test('without enough to send it does not grow', () => {
  let state = startConcurrency(usualBounds)
  for (let nowMs = 1_000; nowMs < 60_000; nowMs += 1_000) {
    const seen = { nowMs, inFlight: 2, answered: 9, tokens: 900, slowdowns: 0, preemptions: 0, latencyMs: 200 }
    state = advanceConcurrency(state, { ...seen, waiting: nowMs % 2_000 === 0 ? 0 : null }, usualBounds)
  }
  expect(state.limit).toBe(4)
})
