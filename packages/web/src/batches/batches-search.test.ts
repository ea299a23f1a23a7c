import { expect, it } from 'vitest'
import {
  findDataset,
  nameDataset,
  readBatchesSearch,
  readBatchSearch,
  readBatchUsageSearch,
  readIds,
  readNewBatchSearch,
  readResultsSearch,
} from './batches-search.ts'

it('the list keeps what it knows and drops the rest', () => {
  expect(readBatchesSearch({ group: 'failed', q: 'reviews', model: 'qwen', page: '3' })).toEqual({
    group: 'failed',
    q: 'reviews',
    model: 'qwen',
  })
  expect(readBatchesSearch({ group: 'active', q: '', model: ['a'] })).toEqual({})
})

it('a batch and the form of a new one read theirs', () => {
  expect(readBatchSearch({ code: 'timeout' })).toEqual({ code: 'timeout' })
  expect(readBatchSearch({ code: 'bored' })).toEqual({})
  expect(readNewBatchSearch({ file: 'file-1' })).toEqual({ file: 'file-1' })
  expect(['7', '30', '8'].map((days) => readBatchUsageSearch({ days }))).toEqual([{ days: '7' }, {}, {}])
})

it('results have at most four sources, each once', () => {
  expect(readIds('batch_a,batch_b,batch_a,file-c,nonsense,batch_d,batch_e')).toEqual([
    'batch_a',
    'batch_b',
    'file-c',
    'batch_d',
  ])
  expect(readResultsSearch({ ids: ['batch_a', 'batch_b'], only: 'different', row: 'r-1' })).toEqual({
    ids: 'batch_a,batch_b',
    only: 'different',
    row: 'r-1',
  })
  expect(readResultsSearch({ only: 'all' })).toEqual({})
})

it('results of older tools stand beside batches, whatever they are called', () => {
  const ids = ['0/runs/a.jsonl', '1/50%, again.jsonl']
  const named = ids.map(nameDataset)
  expect(readIds(`batch_a,${named.join(',')},data_%`)).toEqual(['batch_a', ...named])
  expect(named.map(findDataset)).toEqual(ids)
  expect(findDataset('batch_a')).toBeUndefined()
})
