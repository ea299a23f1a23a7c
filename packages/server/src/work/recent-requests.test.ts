import { expect, test } from 'vitest'
import { RecentRequests } from './recent-requests.ts'

const requests = [
  { at: 7, line: 8, customId: 'seven' },
  { at: 3, line: 4, customId: 'three' },
]

test('what was leased is found in the order asked for', () => {
  const recent = new RecentRequests()
  recent.note('batch_a', 0, requests)
  expect(recent.find('batch_a', 0, [3, 7])).toEqual([
    { line: 4, customId: 'three' },
    { line: 8, customId: 'seven' },
  ])
})

test('nothing is found of another shard or batch, nor if one of the requests is not known', () => {
  const recent = new RecentRequests()
  recent.note('batch_a', 0, requests)
  expect(recent.find('batch_a', 1, [3])).toBeNull()
  expect(recent.find('batch_b', 0, [3])).toBeNull()
  expect(recent.find('batch_a', 0, [3, 4])).toBeNull()
})

test('a shard leased again is known by what it was leased with last', () => {
  const recent = new RecentRequests()
  recent.note('batch_a', 0, requests)
  recent.note('batch_a', 0, [{ at: 3, line: 4, customId: 'three' }])
  expect(recent.find('batch_a', 0, [7])).toBeNull()
  expect(recent.find('batch_a', 0, [3])).toEqual([{ line: 4, customId: 'three' }])
})

test('shards leased long ago are forgotten, so that a batch of any length takes the same room', () => {
  const recent = new RecentRequests()
  for (let shard = 0; shard < 25; shard++) recent.note('batch_a', shard, requests)
  expect(recent.find('batch_a', 0, [3])).toBeNull()
  expect(recent.find('batch_a', 1, [3])).not.toBeNull()
  expect(recent.find('batch_a', 24, [3])).not.toBeNull()
})
