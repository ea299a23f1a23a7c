import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type HeadlineState, chooseHeadlineKey, readHeadline, updateHeadline } from './headline.ts'
import { metricDirection } from './metric-direction.ts'

function fold(values: readonly number[], key = 'loss', blockSize = 7): HeadlineState | null {
  let state: HeadlineState | null = null
  for (let from = 0; from < values.length; from += blockSize) {
    const slice = values.slice(from, from + blockSize)
    state = updateHeadline(state, { keys: [key], steps: slice.map((_, at) => from + at), values: [slice] })
  }
  return state
}

test('the loss is the headline, whatever comes before or beside it', () => {
  expect(chooseHeadlineKey(['lr', 'accuracy', 'loss'])).toBe('loss')
  expect(chooseHeadlineKey(['val/loss', 'train/loss'])).toBe('train/loss')
  expect(chooseHeadlineKey(['eval_loss', 'train_loss', 'lr'])).toBe('train_loss')
  expect(chooseHeadlineKey(['box_loss', 'val/box_loss', 'precision'])).toBe('box_loss')
  expect(chooseHeadlineKey(['epoch_time', 'val_accuracy'])).toBe('val_accuracy')
  expect(chooseHeadlineKey(['abc', 'xyz'])).toBe('abc')
  expect(chooseHeadlineKey([])).toBeUndefined()
})

test('the curve begins anew when a better key turns up, and stays when a lesser one does', () => {
  let state = updateHeadline(null, { keys: ['accuracy'], steps: [1], values: [[0.5]] })
  state = updateHeadline(state, { keys: ['lr'], steps: [2], values: [[1]] })
  expect(readHeadline(state)?.key).toBe('accuracy')
  state = updateHeadline(state, { keys: ['accuracy', 'loss'], steps: [3], values: [[0.6], [2]] })
  expect(readHeadline(state)).toEqual({ key: 'loss', last: 2, best: 2, bestStep: 3, goal: 'minimize', spark: [2] })
})

test('best is the lowest loss or the highest accuracy, with its step', () => {
  expect(readHeadline(fold([3, 1, 2]))).toMatchObject({ last: 2, best: 1, bestStep: 1 })
  expect(readHeadline(fold([0.1, 0.9, 0.5], 'accuracy'))).toMatchObject({ last: 0.5, best: 0.9, bestStep: 1 })
})

test('non-finite values are gaps and never the best', () => {
  const headline = readHeadline(fold([Number.NaN, 2, Number.NEGATIVE_INFINITY, Number.NaN]))
  expect(headline).toEqual({
    key: 'loss',
    last: null,
    best: 2,
    bestStep: 1,
    goal: 'minimize',
    spark: [null, 2, null, null],
  })
})

test('the spark has at most 64 values that keep the shape of the curve', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), (count) => {
      const values = Array.from({ length: count }, (_, at) => at / count)
      const spark = readHeadline(fold(values, 'loss', 333))?.spark ?? []
      expect(spark.length).toBeLessThanOrEqual(64)
      expect(spark.length).toBeGreaterThanOrEqual(Math.min(count, 32))
      const sorted = [...spark].sort((one, other) => Number(one) - Number(other))
      expect(spark).toEqual(sorted)
    }),
  )
})

test('how points are cut into blocks makes no difference, nor does storing the state in between', () => {
  const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(Number.NaN))
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (values, size) => {
      let state: HeadlineState | null = null
      values.forEach((one, at) => {
        state = updateHeadline(state, { keys: ['loss'], steps: [at], values: [[one]] })
        state = JSON.parse(JSON.stringify(state)) as HeadlineState // it was a state before
      })
      expect(state).toEqual(fold(values, 'loss', size))
    }),
  )
})

test('the state given in is left as it was', () => {
  const state = fold([3, 2, 1])
  const before = JSON.stringify(state)
  updateHeadline(state, { keys: ['loss'], steps: [9], values: [[0.5]] })
  expect(JSON.stringify(state)).toBe(before)
})

test.each([
  ['loss', 'lower'],
  ['val/loss', 'lower'],
  ['eval_perplexity', 'lower'],
  ['WER', 'lower'],
  ['accuracy_loss', 'lower'],
  ['step_time', 'lower'],
  ['valLoss', 'lower'],
  ['accuracy', 'higher'],
  ['val/top1_accuracy', 'higher'],
  ['mAP50', 'higher'],
  ['metrics/mAP50-95(B)', 'higher'],
  ['f1', 'higher'],
  ['reward', 'higher'],
  ['tokens_per_sec', 'higher'],
  ['something', null],
  ['lr', null],
  ['train/grad_norm', null],
  ['epoch', null],
])('of «%s», %s is better', (key, direction) => {
  expect(metricDirection(key)).toBe(direction)
})
