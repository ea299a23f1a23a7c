import { expect, test } from 'vitest'
import { groupKeys } from './group-keys.ts'
import { chooseAxes, listDefinedAxes } from './key-axes.ts'

const definitions = [
  { key: 'val/*', stepMetric: 'epoch' },
  { key: 'reward', stepMetric: 'env_steps' },
  { key: 'env_steps', stepMetric: 'env_steps' },
  { key: 'loss', goal: 'minimize' as const },
]
const axisOf = (keys: string[], hasEpochs = true) =>
  chooseAxes(definitions, { hasKey: (key) => keys.includes(key), hasEpochs })

test('a metric is drawn over its step metric once that has been logged, and over steps otherwise', () => {
  expect(axisOf([])('val/loss')).toEqual({ x: 'epoch', pattern: 'val/*' })
  expect(axisOf([], false)('val/loss')).toEqual({ x: 'step', pattern: undefined })
  expect(axisOf(['env_steps'])('reward').x).toBe('metric:env_steps')
  expect(axisOf([])('reward').x).toBe('step')
  expect(axisOf(['env_steps'])('env_steps').x).toBe('step')
  expect(axisOf([])('loss').x).toBe('step')
})

test('metrics share a chart only over the same axis, and each chart has a name of its own', () => {
  const keys = ['loss', 'val/loss', 'acc', 'val/acc', 'test/acc', 'val/f1']
  const over = chooseAxes(
    [
      { key: 'val/*', stepMetric: 'epoch' },
      { key: 'test/*', stepMetric: 'epoch' },
    ],
    { hasKey: () => true, hasEpochs: true },
  )
  expect(groupKeys(keys, over).map(({ title, x, members }) => [title, x, members.length])).toEqual([
    ['loss', 'step', 1],
    ['val/loss', 'epoch', 1],
    ['acc', 'step', 1],
    ['acc over epoch', 'epoch', 2],
    ['f1', 'epoch', 1],
  ])
})

test('the axes that a script defines are listed once each, with what is drawn over them', () => {
  expect(listDefinedAxes([...definitions, { key: 'test/*', stepMetric: 'epoch' }])).toEqual([
    { x: 'epoch', patterns: ['val/*', 'test/*'] },
    { x: 'metric:env_steps', patterns: ['reward'] },
  ])
})
