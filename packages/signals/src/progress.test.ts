import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ProgressSample, type ProgressState, readProgress, startProgress, updateProgress } from './progress.ts'
import { cpuTimeMs } from './test-cpu-time.ts'

function fold(samples: readonly ProgressSample[], state = startProgress()): ProgressState {
  return samples.reduce(updateProgress, state)
}

/** Repeatable noise: a linear congruential generator. */
function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

type Run = {
  steps: number
  /** Duration of a step, ms. */
  stepMs: (step: number, random: () => number) => number
  /** Wait after a step that belongs to the work, ms: validation, checkpoint. */
  waitMs?: (step: number) => number
  /** Pause after a step that nobody can foresee, ms. */
  pauseMs?: (step: number) => number
  /** A report after so many steps. */
  every: number
  /** Judged from this step on: before, nothing in the reports tells it. */
  from: number
  /** Largest relative error of the time left that is allowed. */
  worst: number
}

/** Walks a run and measures, at each report, by how much the time left (pauses ahead not counted) was misjudged. */
function simulate(run: Run): { worst: number; mean: number; stateBytes: number } {
  const random = makeRandom(7)
  const samples: { at: number; step: number; worked: number }[] = []
  let at = 1_000_000
  let worked = 0
  for (let step = 1; step <= run.steps; step += 1) {
    const stepMs = run.stepMs(step, random)
    at += stepMs
    worked += stepMs
    if (step % run.every === 0) samples.push({ at, step, worked })
    const waitMs = run.waitMs?.(step) ?? 0
    at += waitMs + (run.pauseMs?.(step) ?? 0)
    worked += waitMs
  }
  let state = updateProgress(startProgress(), { at: 1_000_000, step: 0, totalSteps: run.steps })
  const errors: number[] = []
  let stateBytes = 0
  for (const sample of samples) {
    state = updateProgress(state, sample)
    stateBytes = Math.max(stateBytes, JSON.stringify(state).length)
    const left = worked - sample.worked
    const judged = readProgress(state, sample.at).etaMs
    if (sample.step >= run.from && sample.step <= run.steps * 0.95) {
      errors.push(judged === null ? 1 : Math.abs(judged - left) / left)
    }
  }
  return { worst: Math.max(...errors), mean: errors.reduce((sum, error) => sum + error, 0) / errors.length, stateBytes }
}

const noisy = (ms: number) => (_: number, random: () => number) => ms * (0.8 + 0.4 * random())

const hour = 3_600_000

const runs: Record<string, Run> = {
  'steady, 50 ms a step': { steps: 20_000, stepMs: noisy(50), every: 10, from: 100, worst: 0.04 },
  'slow, 20 s a step': { steps: 500, stepMs: noisy(20_000), every: 1, from: 20, worst: 0.1 },
  'a tenth of the steps takes five times as long': {
    steps: 20_000,
    stepMs: (_, random) => (random() < 0.1 ? 250 : 50),
    every: 10,
    from: 500,
    worst: 0.12,
  },
  'first step takes two minutes, the next eight two seconds': {
    steps: 10_000,
    stepMs: (step) => (step === 1 ? 120_000 : step < 10 ? 2_000 : 100),
    every: 10,
    from: 50,
    worst: 0.03,
  },
  'validation of 30 s each 500 steps, after the third': {
    steps: 10_000,
    stepMs: noisy(100),
    waitMs: (step) => (step % 500 === 0 ? 30_000 : 0),
    every: 10,
    from: 1_510,
    worst: 0.12,
  },
  'validation of 2 s each 100 steps, after the third': {
    steps: 10_000,
    stepMs: noisy(100),
    waitMs: (step) => (step % 100 === 0 ? 2_000 : 0),
    every: 10,
    from: 310,
    worst: 0.12,
  },
  'paused for an hour': {
    steps: 10_000,
    stepMs: noisy(100),
    pauseMs: (step) => (step === 600 ? hour : 0),
    every: 10,
    from: 100,
    worst: 0.04,
  },
  'paused for an hour among validations, after the third': {
    steps: 10_000,
    stepMs: noisy(100),
    waitMs: (step) => (step % 200 === 0 ? 10_000 : 0),
    pauseMs: (step) => (step === 2_050 ? hour : 0),
    every: 10,
    from: 610,
    worst: 0.2,
  },
  'twice as slow from step 900 on, after forty reports': {
    steps: 10_000,
    stepMs: (step) => (step <= 900 ? 100 : 200),
    every: 10,
    from: 1_300,
    worst: 0.05,
  },
  'twice as fast from step 900 on, after seventy reports': {
    steps: 10_000,
    stepMs: (step) => (step <= 900 ? 200 : 100),
    every: 10,
    from: 1_600,
    worst: 0.05,
  },
}

test.each(Object.entries(runs))('time left is judged well: %s', (name, run) => {
  const { worst, mean, stateBytes } = simulate(run)
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`
  process.stdout.write(`eta, ${name}: mean error ${percent(mean)}, worst ${percent(worst)}, state ≤ ${stateBytes} B\n`)
  expect(worst).toBeLessThan(run.worst)
  expect(stateBytes).toBeLessThan(4_096)
})

test('speed leaves warm-up, pauses and validation out', () => {
  const samples: ProgressSample[] = [{ at: 0, step: 0, totalSteps: 10_000 }]
  let at = 60_000
  for (let step = 1; step <= 1_000; step += 1) {
    at += 100
    if (step % 100 === 0) at += 20_000
    if (step === 555) at += 900_000
    samples.push({ at, step })
  }
  const progress = readProgress(fold(samples), at)
  expect(progress.stepsPerSecond).toBeGreaterThan(9.5)
  expect(progress.stepsPerSecond).toBeLessThan(10.5)
})

test('reports that arrive in bursts give the speed over the bursts', () => {
  const samples: ProgressSample[] = []
  for (let burst = 0; burst < 20; burst += 1) {
    for (let part = 0; part < 5; part += 1) {
      samples.push({ at: burst * 10_000 + part, step: burst * 100 + part * 20 })
    }
  }
  const progress = readProgress(fold(samples), 190_004)
  expect(progress.stepsPerSecond).toBeGreaterThan(9.9)
  expect(progress.stepsPerSecond).toBeLessThan(10.1)
})

test('steps that start again after a resume keep the speed and move the fraction back', () => {
  const first = fold([
    { at: 0, step: 0, totalSteps: 1_000 },
    ...Array.from({ length: 50 }, (_, index) => ({ at: (index + 1) * 1_000, step: (index + 1) * 10 })),
  ])
  const resumed = fold([{ at: 500_000, step: 200 }], first)
  const progress = readProgress(resumed, 500_000)
  expect(progress.fraction).toBeCloseTo(0.2)
  expect(progress.stepsPerSecond).toBeCloseTo(10)
  expect(progress.etaMs).toBeCloseTo(80_000, -3)
})

test('a jump forward does not make the job look fast', () => {
  const samples = Array.from({ length: 40 }, (_, index) => ({
    at: index * 1_000,
    step: index * 10 + (index > 20 ? 5_000 : 0),
  }))
  expect(readProgress(fold(samples), 39_000).stepsPerSecond).toBeCloseTo(10)
})

test('nothing is known at first, and the speed from the second report on', () => {
  expect(readProgress(startProgress(), 5)).toEqual({
    fraction: null,
    step: null,
    totalSteps: null,
    epoch: null,
    totalEpochs: null,
    stepsPerSecond: null,
    etaMs: null,
    at: 5,
  })
  const one = fold([{ at: 0, step: 10, totalSteps: 100 }])
  expect(readProgress(one, 0)).toMatchObject({ fraction: 0.1, stepsPerSecond: null, etaMs: null })
  const two = fold([{ at: 1_000, step: 20 }], one)
  expect(readProgress(two, 1_000)).toMatchObject({ fraction: 0.2, stepsPerSecond: 10, etaMs: 8_000 })
})

test('time left runs down between reports and stands in a silence', () => {
  const state = fold([0, 1, 2, 3, 4].map((at) => ({ at: at * 1_000, step: at * 10, totalSteps: 1_000 })))
  const left = readProgress(state, 4_000).etaMs ?? 0
  expect(readProgress(state, 4_500).etaMs).toBeCloseTo(left - 500)
  expect(readProgress(state, 60_000).etaMs).toBeCloseTo(left - 2_000)
})

test('at the last step nothing is left', () => {
  const state = fold([0, 50, 100].map((step) => ({ at: step * 100, step, totalSteps: 100 })))
  expect(readProgress(state, 10_000)).toMatchObject({ fraction: 1, etaMs: 0 })
})

test('epochs as fractions give the total of the steps', () => {
  const samples = Array.from({ length: 20 }, (_, index) => ({
    at: index * 1_000,
    step: (index + 1) * 10,
    epoch: (index + 1) / 50,
    totalEpochs: 3,
  }))
  const progress = readProgress(fold(samples), 19_000)
  expect(progress.fraction).toBeCloseTo(200 / 1_500)
  expect(progress.etaMs).toBeCloseTo(130_000, -3)
})

test('whole epochs and steps give the total after the first epoch', () => {
  const samples = Array.from({ length: 30 }, (_, index) => ({
    at: index * 1_000,
    step: index * 10,
    epoch: 1 + Math.floor(index / 20),
    totalEpochs: 3,
  }))
  const progress = readProgress(fold(samples), 29_000)
  expect(progress.fraction).toBeCloseTo(290 / 600)
  expect(progress.etaMs).toBeCloseTo(31_000, -3)
})

test('epochs alone are enough, counted from 0 or from 1', () => {
  for (const base of [0, 1]) {
    const samples = [0, 1, 2].map((index) => ({ at: index * 60_000, epoch: base + index, totalEpochs: 10 }))
    const progress = readProgress(fold(samples), 120_000)
    expect(progress.fraction).toBeCloseTo(0.3)
    expect(progress.etaMs).toBeGreaterThan(60_000 * 6)
    expect(progress.etaMs).toBeLessThan(60_000 * 8)
  }
})

test('an epoch under way does not count as done', () => {
  const samples = [1, 1, 1, 2, 2, 2].map((epoch, index) => ({ at: index * 1_000, epoch, totalEpochs: 4 }))
  expect(readProgress(fold(samples), 5_000).fraction).toBeCloseTo(0.25)
})

test('a stage with a total is enough', () => {
  const samples = Array.from({ length: 11 }, (_, index) => ({
    at: index * 1_000,
    stage: { name: 'Tokenization', done: index * 5, total: 100 },
  }))
  const progress = readProgress(fold(samples), 10_000)
  expect(progress).toMatchObject({ fraction: 0.5, etaMs: 10_000, stepsPerSecond: null })
})

test('another stage begins with a speed of its own', () => {
  const state = fold([
    { at: 0, stage: { name: 'Tokenization', done: 0, total: 100 } },
    { at: 1_000, stage: { name: 'Tokenization', done: 100, total: 100 } },
    { at: 2_000, stage: { name: 'Training', done: 0, total: 1_000 } },
  ])
  expect(readProgress(state, 2_000)).toMatchObject({ fraction: 0, etaMs: null })
})

test('two epochs closer together than numbers can tell give no steps an epoch', () => {
  const state = fold([
    { at: 0, step: -1, epoch: 0 },
    { at: 0, step: 0, epoch: Number.MIN_VALUE, totalEpochs: 3 },
  ])
  expect(state.epoch?.stepsPerEpoch).toBeNull()
  expect(readProgress(state, 0).etaMs).toBeNull()
})

test('whatever is reported, in whatever order, progress stays within bounds and the state within its size', () => {
  const number = fc.oneof(fc.integer({ min: -10, max: 1_000 }), fc.double(), fc.constant(null))
  const sample = fc.record(
    {
      at: fc.integer({ min: 0, max: 10_000_000 }),
      step: number,
      epoch: number,
      totalSteps: number,
      totalEpochs: number,
      stage: fc.oneof(
        fc.constant(null),
        fc.record({
          name: fc.constantFrom('a', 'b'),
          done: fc.nat(100),
          total: fc.oneof(fc.nat(100), fc.constant(null)),
        }),
      ),
    },
    { requiredKeys: ['at'] },
  )
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 200 }), (samples) => {
      const state = fold(samples)
      const stored = JSON.parse(JSON.stringify(state)) as ProgressState // it was a state before
      expect(stored).toEqual(state)
      const { fraction, etaMs, stepsPerSecond } = readProgress(stored, 5_000_000)
      if (fraction !== null) expect(fraction >= 0 && fraction <= 1).toBe(true)
      if (etaMs !== null) expect(etaMs >= 0 && etaMs < Infinity).toBe(true)
      if (stepsPerSecond !== null) expect(stepsPerSecond).toBeGreaterThan(0)
    }),
  )
})

test('a sample costs microseconds', () => {
  const count = 100_000
  let state = updateProgress(startProgress(), { at: 0, step: 0, totalSteps: count })
  const started = cpuTimeMs()
  for (let step = 1; step <= count; step += 1)
    state = updateProgress(state, { at: step * 250, step, epoch: step / 100 })
  const microseconds = ((cpuTimeMs() - started) * 1_000) / count
  process.stdout.write(`updateProgress: ${microseconds.toFixed(2)} µs a sample\n`)
  expect(microseconds).toBeLessThan(50)
})
