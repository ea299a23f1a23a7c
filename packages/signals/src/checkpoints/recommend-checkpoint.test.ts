import { expect, it } from 'vitest'
import { drawNormal, makeRandom } from '../impact/synthetic-curves.fixture.ts'
import { chooseIntervalMs } from './checkpoint-interval.ts'
import { findInstability } from './find-instability.ts'
import { type CheckpointFacts, recommendCheckpoint } from './recommend-checkpoint.ts'

const minute = 60_000
const hour = 60 * minute

/** A loss that falls, with noise; `bend` changes the newest of its 500 points, the last of which is at step 5000. */
function drawLoss(seed: number, bend: (value: number, fromEnd: number) => number = (value) => value) {
  const random = makeRandom(seed)
  const steps = Array.from({ length: 500 }, (_, at) => (at + 1) * 10)
  const values = steps.map((step, at) => bend(1.5 + 8 / Math.sqrt(step) + 0.05 * drawNormal(random), 499 - at))
  return { key: 'loss', steps, values }
}
const valLoss = {
  key: 'val_loss',
  goal: 'lower' as const,
  steps: [1_000, 2_000, 3_000, 4_200],
  values: [2.4, 2.1, 1.95, 1.9],
}
const calm: CheckpointFacts = {
  step: 5_000,
  nowMs: 3 * hour,
  startedMs: 0,
  last: { step: 4_900, timeMs: 3 * hour - 4 * minute, pinned: false },
  saveMs: 30_000,
  stepsPerSecond: 0.5,
  qualities: [valLoss],
  stability: [drawLoss(1)],
  changes: [],
  limitMs: null,
  failureMs: null,
}
const old = { step: 3_400, timeMs: hour, pinned: false }
const kindsOf = (part: Partial<CheckpointFacts>) => recommendCheckpoint({ ...calm, ...part }).map(({ kind }) => kind)

it('a calm run with a recent checkpoint gets none, whatever else is known', () => {
  expect(recommendCheckpoint(calm)).toEqual([])
  expect(kindsOf({ saveMs: null, stepsPerSecond: null })).toEqual([])
  const busy = {
    changes: [{ step: 5_010, words: 'lr set to 1e-4' }],
    limitMs: calm.nowMs + 5 * minute,
    failureMs: 24 * hour,
  }
  expect(kindsOf(busy)).toEqual([])
  for (let seed = 0; seed < 300; seed += 1) expect(kindsOf({ stability: [drawLoss(seed)] }), `seed ${seed}`).toEqual([])
})

it('the best so far is worth one when the last is older, and says by how much', () => {
  const best = { ...valLoss, values: [2.4, 2.1, 1.95, 1.83] }
  expect(recommendCheckpoint({ ...calm, step: 4_250, last: old, qualities: [best] })).toEqual([
    {
      kind: 'best',
      action: 'create',
      words:
        'Best so far on val_loss: 1.83 at step 4200; the last checkpoint is 800 steps older, and the job is at step 4250.',
    },
  ])
  expect(kindsOf({ qualities: [best] })).toEqual([])
  // Not the best any more, not better by more than its swing, of unknown direction, of too few values.
  expect(kindsOf({ last: old, qualities: [{ ...valLoss, values: [2.4, 2.1, 1.83, 1.95] }] })).toEqual([])
  expect(kindsOf({ last: old, qualities: [{ ...valLoss, values: [2.4, 1.8, 2.4, 1.79] }] })).toEqual([])
  expect(kindsOf({ last: old, qualities: [{ ...best, goal: null }] })).toEqual([])
  expect(kindsOf({ last: old, qualities: [{ ...best, steps: [4_000, 4_200], values: [2, 1.8] }] })).toEqual([])
  expect(kindsOf({ last: old, qualities: [{ ...best, values: [2.4, 2.1, 1.95, Number.NaN] }] })).toEqual([])
  const accuracy = { key: 'acc', goal: 'higher' as const, steps: [1, 2_000, 4_900], values: [0.5, 0.6, 0.72] }
  expect(kindsOf({ last: old, qualities: [accuracy] })).toEqual(['best'])
})

it('a change that is due soon is worth one before it', () => {
  const changes = [
    { step: 9_000, words: 'dropout set to 0' },
    { step: 5_120, words: 'lr set to 1e-4' },
  ]
  const [found] = recommendCheckpoint({ ...calm, last: old, changes })
  expect(found?.words).toBe(
    'lr set to 1e-4 at step 5120 (in 120 steps, about 4 m); the last checkpoint is 1600 steps and 2 h older.',
  )
  expect(kindsOf({ last: old, changes: [{ step: 5_400, words: 'lr' }] })).toEqual([])
  expect(kindsOf({ last: old, changes: [{ step: 4_999, words: 'lr' }] })).toEqual([])
  expect(kindsOf({ last: old, stepsPerSecond: null, changes: [{ step: 5_090, words: 'lr' }] })).toEqual([
    'beforeChange',
  ])
})

it('the end of its time is worth one while there is time to write it', () => {
  const at = (left: number, saveMs: number | null = 30_000) =>
    kindsOf({ last: old, limitMs: calm.nowMs + left, saveMs })
  expect(at(8 * minute)).toEqual(['timeLimit'])
  expect(at(30 * minute)).toEqual([])
  expect(at(30 * minute, 8 * minute)).toEqual(['timeLimit'])
  expect(at(20_000)).toEqual([])
  expect(at(-minute)).toEqual([])
  expect(at(8 * minute, null)).toEqual(['timeLimit'])
  expect(recommendCheckpoint({ ...calm, last: null, limitMs: calm.nowMs + 8 * minute })[0]?.words).toBe(
    'The job is ended in 8 m, and writing one takes 30 s; 5000 steps and 3 h of work would be lost.',
  )
})

it('a loss that rises or breaks is a reason to pin the last good one, not to write down what is bad', () => {
  const rising = drawLoss(2, (value, fromEnd) => (fromEnd < 40 ? value + (40 - fromEnd) * 0.03 : value))
  const broken = drawLoss(2, (value, fromEnd) => (fromEnd < 7 ? Number.NaN : value))
  const before = { step: 4_500, timeMs: 2 * hour, pinned: false }
  const [rise] = recommendCheckpoint({ ...calm, last: before, stability: [rising] })
  expect(rise).toMatchObject({ kind: 'unstable', action: 'pin' })
  expect(rise?.words).toMatch(
    /^loss rises: from 1\.6\d? until step 4\d{3} to 2\.\d+ now\. The last checkpoint, at step 4500, is from before that/,
  )
  expect(recommendCheckpoint({ ...calm, last: before, stability: [broken] })).toMatchObject([
    { kind: 'unstable', action: 'pin', words: expect.stringContaining('loss is NaN since step 4940.') },
  ])
  expect(kindsOf({ last: { ...before, pinned: true }, stability: [broken] })).toEqual([])
  expect(kindsOf({ last: null, stability: [broken] })).toEqual([])
})

it('a gradient norm that spikes again and again is worth one where there is none, one spike is not', () => {
  const norm = (spikes: number) => ({
    ...drawLoss(3, (value, fromEnd) => (fromEnd % 5 === 0 && fromEnd < 5 * spikes ? value * 20 : value)),
    key: 'grad_norm',
  })
  expect(kindsOf({ stability: [norm(1)] })).toEqual([])
  expect(findInstability(norm(4))).toMatchObject({ kind: 'spikes', fromStep: 4_850 })
  const early = { nowMs: 5 * minute, last: null }
  const [found] = recommendCheckpoint({ ...calm, ...early, stability: [norm(4)] })
  expect(found).toMatchObject({ kind: 'unstable', action: 'create' })
  expect(found?.words).toMatch(
    /^grad_norm spikes: 4 of the last 20 values, up to 3\d(\.\d)? where 1\.\d+ is usual, and there is no checkpoint/,
  )
})

it('too few points, constant ones and nothing at all are no instability', () => {
  const flat = { key: 'loss', steps: drawLoss(1).steps, values: drawLoss(1).steps.map(() => 1) }
  expect(findInstability(flat)).toBeNull()
  expect(findInstability({ key: 'loss', steps: [], values: [] })).toBeNull()
  expect(findInstability({ key: 'loss', steps: [1, 2, 3], values: [1, 5, 900] })).toBeNull()
  expect(findInstability({ key: 'loss', steps: [1, 2], values: [Infinity, -Infinity] })).toMatchObject({ fromStep: 1 })
})

it('a long run without any checkpoint is told what it would lose', () => {
  expect(recommendCheckpoint({ ...calm, last: null })).toMatchObject([
    { kind: 'first', words: 'There is no checkpoint yet: 5000 steps and 3 h of work would be lost.' },
  ])
  expect(kindsOf({ last: null, nowMs: 10 * minute })).toEqual([])
  expect(kindsOf({ last: null, step: 20 })).toEqual([])
})

it('the interval of Young and Daly is used only where failures are known', () => {
  // √(2 · 60 s · 86 400 s) = 3220 s by Young; Daly: · (1 + √(60/172800)/3 + (60/172800)/9) − 60.
  expect(chooseIntervalMs(60_000, 86_400_000)).toBeCloseTo(
    3_219_938 * (1 + Math.sqrt(60 / 172_800) / 3 + 60 / 172_800 / 9) - 60_000,
    -1,
  )
  expect(chooseIntervalMs(3_000, 1_000)).toBe(1_000)
  for (const bad of [null, 0, -1, Number.NaN, Infinity])
    expect([chooseIntervalMs(bad, 1e6), chooseIntervalMs(1e3, bad)]).toEqual([null, null])
  const long = { last: { ...old, step: 5_001 }, nowMs: 3 * hour }
  expect(kindsOf(long)).toEqual([])
  expect(kindsOf({ ...long, failureMs: 24 * hour })).toEqual(['interval'])
  expect(recommendCheckpoint({ ...calm, ...long, failureMs: 24 * hour })[0]?.words).toBe(
    'The last checkpoint is 2 h old. With one failure in 1 d and 30 s to write one, the least time is lost with one every 37 m 37 s.',
  )
  expect(kindsOf({ ...long, failureMs: 24 * hour, last: { ...old, timeMs: 3 * hour - 30 * minute } })).toEqual([])
})

it('the most urgent come first, three at most', () => {
  const all = {
    last: old,
    limitMs: calm.nowMs + 5 * minute,
    stability: [drawLoss(2, (value, fromEnd) => (fromEnd < 40 ? value + 1 : value))],
    changes: [{ step: 5_010, words: 'lr' }],
    qualities: [{ ...valLoss, values: [2.4, 2.1, 1.95, 1.5] }],
    failureMs: hour,
  }
  expect(kindsOf(all)).toEqual(['timeLimit', 'unstable', 'beforeChange'])
})
