import { describe, expect, it } from 'vitest'
import type { ComparedJob, ComparedMetric } from '@pilothouse/contract'
import { groupJobs, listGroupedResults, listGroupings, summariseSpread } from './group-jobs.ts'

function makeJob(config: ComparedJob['config'], more: Partial<ComparedJob> = {}): ComparedJob {
  const job = { config, metrics: [], model: null, dataset: null, project: 'one', state: 'completed', ...more }
  return job as unknown as ComparedJob // what is grouped and summed up
}

const loss = (last: number, min: number): ComparedMetric => ({
  key: 'loss',
  goal: 'minimize',
  total: 2,
  last,
  lastStep: 1,
  min,
  minStep: 1,
  max: 9,
  maxStep: 0,
})

describe('groups of jobs', () => {
  it('have the jobs of one value, numbers by size, and last those that have none', () => {
    const jobs = [makeJob({ lr: 0.01 }), makeJob({}), makeJob({ lr: 0.0003 }), makeJob({ lr: 0.01 })]
    expect(groupJobs(jobs, 'config.lr')?.map(({ name, members }) => [name, members])).toEqual([
      ['lr = 3e-4 (1 job)', [2]],
      ['lr = 0.01 (2 jobs)', [0, 3]],
      ['lr not set (1 job)', [1]],
    ])
  })

  it('tell a number from its word, and null from what is not set', () => {
    const jobs = [makeJob({ n: 1 }), makeJob({ n: '1' }), makeJob({ n: null }), makeJob({})]
    expect(groupJobs(jobs, 'config.n')).toHaveLength(4)
  })

  it('are made by facts of a job, too, and by nothing that no job has', () => {
    const jobs = [makeJob({}, { model: 'tiny' }), makeJob({}, { model: 'base' }), makeJob({}, { model: 'tiny' })]
    expect(groupJobs(jobs, 'model')?.map(({ name }) => name)).toEqual(['model = base (1 job)', 'model = tiny (2 jobs)'])
    expect(groupJobs(jobs, 'config.absent')).toBeNull()
    expect(groupJobs(jobs, 'nonsense')).toBeNull()
    expect(groupJobs([], 'model')).toBeNull()
  })

  it('are offered for what differs, first for what brings jobs together', () => {
    const jobs = [1, 2, 3].map((seed) => makeJob({ seed, lr: seed === 1 ? 0.1 : 0.2, same: 1 }))
    expect(listGroupings(jobs)).toEqual([
      { by: 'config.lr', label: 'lr', groups: 2 },
      { by: 'config.seed', label: 'seed', groups: 3 },
    ])
  })
})

describe('results of groups', () => {
  it('are mean, standard deviation and count of those that have one', () => {
    const jobs = [
      makeJob({ lr: 1 }, { metrics: [loss(2, 1)] }),
      makeJob({ lr: 1 }, { metrics: [loss(4, 3)] }),
      makeJob({ lr: 2 }, { metrics: [loss(5, 1)] }),
      makeJob({ lr: 2 }),
      makeJob({}),
    ]
    expect(listGroupedResults(jobs, groupJobs(jobs, 'config.lr') ?? [])).toEqual([
      { name: 'loss', note: undefined, cells: ['3 ± 1.4, n 2', '5, n 1', undefined], marked: [true, false, false] },
      {
        name: 'loss, best',
        note: 'lowest',
        cells: ['2 ± 1.4, n 2', '1, n 1', undefined],
        marked: [false, true, false],
      },
    ])
  })

  it('pass over what is no number', () => {
    expect(summariseSpread([1, null, Number.NaN, undefined, 3])).toEqual({ n: 2, mean: 2, sd: Math.SQRT2 })
    expect(summariseSpread([null])).toBeNull()
  })
})
