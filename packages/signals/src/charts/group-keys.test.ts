import { expect, test } from 'vitest'
import { groupKeys, readKey } from './group-keys.ts'

test.each([
  ['val/loss', 'loss', 'validation'],
  ['eval_loss', 'loss', 'validation'],
  ['train.accuracy', 'accuracy', 'train'],
  ['loss-test', 'loss', 'test'],
  ['grad_norm', 'grad_norm', 'train'],
  ['train', 'train', 'train'],
])('«%s» is %s on %s', (key, base, role) => {
  expect(readKey(key)).toEqual({ base, role })
})

test('training and validation of the same thing share a chart, and the loss comes first', () => {
  const groups = groupKeys(['lr', 'val/loss', 'zeta', 'accuracy', 'loss'])
  expect(groups.map(({ title }) => title)).toEqual(['loss', 'accuracy', 'lr', 'zeta'])
  expect(groups[0]?.members.map(({ key }) => key)).toEqual(['loss', 'val/loss'])
})
