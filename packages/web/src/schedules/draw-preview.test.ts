import { expect, it } from 'vitest'
import type { Parameter, Schedule } from '@pilothouse/contract'
import { drawPreview } from './draw-preview.ts'

const lr: Parameter = {
  key: 'lr',
  type: 'number',
  min: 0,
  max: 1,
  step: null,
  log: false,
  choices: [],
  unit: null,
  description: null,
  value: 0.5,
  revision: 1,
  changedAt: 0,
  pending: null,
}
const known = {
  now: { step: 1_000, epoch: null, timeMs: 0, value: 0.5 },
  stepsPerSecond: 10,
  stepsPerEpoch: null,
}
const line: Schedule = {
  key: 'lr',
  start: { at: 'step', value: 1_100 },
  shape: { kind: 'linear', from: null, to: 0.1, over: { steps: 200 } },
  every: 1,
}

it('a movement is drawn from now to a little behind its end', () => {
  const { xs, ys, startStep, endStep, assumed } = drawPreview(line, lr, known)
  expect([xs[0], xs.at(-1), startStep, endStep, assumed]).toEqual([1_000, 1_345, 1_100, 1_300, null])
  expect([ys[0], ys.at(-1)]).toEqual([0.5, 0.1])
})

it('says what is taken for granted', () => {
  const timed: Schedule = {
    ...line,
    start: { at: 'now' },
    shape: { kind: 'cosine', from: null, to: 0.1, over: { ms: 60_000 } },
  }
  expect(drawPreview(timed, lr, known)).toMatchObject({
    endStep: 1_600,
    assumed: expect.stringContaining('10 steps a second'),
  })
  expect(drawPreview(timed, lr, { ...known, stepsPerSecond: null })).toMatchObject({
    endStep: null,
    assumed: expect.stringContaining('cannot be drawn'),
  })
  const condition = { metric: 'loss', is: 'below' as const, value: 1, points: 1 }
  const waits = drawPreview({ ...line, start: { at: 'metric', condition } }, lr, known)
  expect(waits.assumed).toContain('as if that were soon')
  expect([waits.startStep, waits.endStep]).toEqual([1_020, 1_220])
})
