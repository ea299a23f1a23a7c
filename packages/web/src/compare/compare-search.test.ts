import { expect, it } from 'vitest'
import { readCompareSearch } from './compare-search.ts'

it('a comparison is read from its address, and what makes no sense is left out', () => {
  expect(readCompareSearch({ job: ['a', 'b', 'a'], tab: 'settings', all: '1', metric: 'val/loss' })).toEqual({
    job: ['a', 'b'],
    tab: 'settings',
    all: '1',
    metric: 'val/loss',
  })
  expect(readCompareSearch({ job: 'a', tab: 'metrics', all: 'yes', metric: '', by: '', band: 'wide' })).toEqual({
    job: ['a'],
  })
  expect(readCompareSearch({ by: 'config.lr', band: 'sd' })).toEqual({ by: 'config.lr', band: 'sd' })
  expect(readCompareSearch({ axis: 'lr', flip: ['lr', 'batch'], brush: [] })).toEqual({
    axis: ['lr'],
    flip: ['lr', 'batch'],
  })
  expect(readCompareSearch({ tab: 'space', sx: 'config.lr', sc: '', stance: '1,2,3', flat: '1' })).toEqual({
    tab: 'space',
    sx: 'config.lr',
    stance: '1,2,3',
    flat: '1',
  })
  expect(readCompareSearch({ search: 'tag:llama' })).toEqual({ search: 'tag:llama' })
  expect(readCompareSearch({ search: 'tag:llama', job: 'a' })).toEqual({ job: ['a'] })
  expect(readCompareSearch({ by: 'model', band: 'range' })).toEqual({ by: 'model' })
  const many = Array.from({ length: 80 }, (_, at) => `job-${at}`)
  expect(readCompareSearch({ job: many }).job).toHaveLength(50)
})
