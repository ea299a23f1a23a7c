import { expect, it } from 'vitest'
import type { ComparedJob, ComparedMetric } from '@pilothouse/contract'
import { listResultRows, listSettings, readResult } from './compared-rows.ts'

const metric = (key: string, last: number, more: Pick<ComparedMetric, 'goal'> & { min?: number }): ComparedMetric => ({
  key,
  total: 3,
  last,
  lastStep: 2,
  min: last,
  minStep: 1,
  max: last,
  maxStep: 0,
  ...more,
})

function makeJob(parts: Partial<ComparedJob>): ComparedJob {
  const empty = { config: {}, summary: {}, recipe: null, hardware: [], stages: [], metrics: [], resources: [] }
  return { ...empty, activeMs: null, gpus: 0, leftOut: 0, ...parts } as unknown as ComparedJob // what these rows read
}

it('settings are those that differ, or all, and the odd one stands out', () => {
  const jobs = [1e-3, 1e-3, 3e-4].map((lr) => makeJob({ config: { lr, model: 'tiny' } }))
  expect(listSettings(jobs, false)).toEqual([
    { name: 'lr', cells: ['0.001', '0.001', '3e-4'], marked: [false, false, true] },
  ])
  expect(listSettings(jobs, true).map(({ name }) => name)).toEqual(['lr', 'model'])
})

it('settings keep all their digits', () => {
  const jobs = [1_234_567, 1_234_568].map((seed) => makeJob({ config: { seed } }))
  expect(listSettings(jobs, false)[0]?.cells).toEqual(['1234567', '1234568'])
})

it('the best job stands out by the direction of the metric, and none where all are alike', () => {
  const jobs = [
    makeJob({ metrics: [metric('loss', 2, { goal: 'minimize', min: 1 }), metric('seen', 5, { goal: null })] }),
    makeJob({ metrics: [metric('loss', 3, { goal: 'minimize', min: 0.5 }), metric('seen', 5, { goal: null })] }),
    makeJob({}),
  ]
  expect(listResultRows(jobs)).toEqual([
    { name: 'loss', note: undefined, cells: ['2', '3', undefined], marked: [true, false, false] },
    { name: 'loss, best', note: 'lowest', cells: ['1', '0.5', undefined], marked: [false, true, false] },
    { name: 'seen', note: undefined, cells: ['5', '5', undefined], marked: [false, false, false] },
  ])
  expect(jobs.map((job) => readResult(job, 'loss', 'best'))).toEqual([1, 0.5, null])
})
