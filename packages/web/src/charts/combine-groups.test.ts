import { expect, test } from 'vitest'
import { combineGroups } from './combine-groups.ts'
import { groupKeys } from '@pilothouse/signals'

const groups = groupKeys(['loss', 'val/loss', 'lr', 'a:b'])

test('a chart gets the metrics that are put onto it, and knows whose axis is on the right', () => {
  const combined = combineGroups(groups, { joined: ['loss:lr', 'loss:a:b'], right: ['loss:lr', 'loss:val/loss'] })
  expect(combined.find(({ title }) => title === 'loss')).toMatchObject({
    added: ['lr', 'a:b'],
    right: ['lr', 'val/loss'],
  })
  expect(combined.filter(({ added }) => added)).toHaveLength(1)
})

test('what is not logged, or stands there anyway, is passed over', () => {
  expect(combineGroups(groups, { joined: ['loss:gone', 'loss:loss', 'gone:lr'], right: ['lr:loss'] })).toEqual(groups)
  expect(combineGroups(groups, { joined: [], right: [] })).toBe(groups)
})
