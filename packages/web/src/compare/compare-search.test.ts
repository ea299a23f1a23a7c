import { expect, it } from 'vitest'
import { readCompareSearch } from './compare-search.ts'

it('a comparison is read from its address, and what makes no sense is left out', () => {
  expect(readCompareSearch({ job: ['a', 'b', 'a'], tab: 'settings', all: '1', metric: 'val/loss' })).toEqual({
    job: ['a', 'b'],
    tab: 'settings',
    all: '1',
    metric: 'val/loss',
  })
  expect(readCompareSearch({ job: 'a', tab: 'metrics', all: 'yes', metric: '' })).toEqual({ job: ['a'] })
  const many = Array.from({ length: 80 }, (_, at) => `job-${at}`)
  expect(readCompareSearch({ job: many }).job).toHaveLength(50)
})
