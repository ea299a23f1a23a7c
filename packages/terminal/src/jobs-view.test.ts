import type { JobCard } from '@pilothouse/contract'
import { describe, expect, it } from 'vitest'
import { viewJobs } from './jobs-view.ts'
import { createPaint } from './paint.ts'

const plain = { paint: createPaint({ enabled: false }), width: 100, now: 100_000 }

describe('the list of jobs', () => {
  it('shows state, progress, loss and times of each job', () => {
    const job = makeCard({
      startedAt: 10_000,
      progress: { ...progress, fraction: 0.459, etaMs: 125_000 },
      headline: { key: 'loss', last: 1.234_56, best: 1, bestStep: 3, goal: 'minimize', spark: [] },
    })
    expect(viewJobs({ jobs: [job], total: 1 }, plain)).toEqual([
      'UID       STATE      NAME      PROJECT   PROGRESS   LOSS   ELAPSED     LEFT',
      'abcd1234  ● running  charlm-1  examples      45 %  1.235  1 m 30 s  2 m 5 s',
    ])
  })

  it('shows no time left once a job has ended, and no colour where there is none', () => {
    const [, line] = viewJobs({ jobs: [makeCard({ state: 'failed', startedAt: 0, endedAt: 4_000 })], total: 1 }, plain)
    expect(line).toMatch(/✗ failed .* 4 s$/)
  })

  it('says when there are more', () => {
    expect(viewJobs({ jobs: [makeCard({})], total: 12 }, plain).at(-1)).toBe('1 of 12 jobs; --limit shows more')
  })

  it('says what to do when there is nothing', () => {
    expect(viewJobs({ jobs: [], total: 0 }, plain)).toEqual([expect.stringContaining('pilothouse run')])
  })

  it('lets no terminal codes of a name through', () => {
    const lines = viewJobs({ jobs: [makeCard({ name: 'a\u001B]0;owned\u0007\u001B[31mb' })], total: 1 }, plain)
    expect(lines[1]).toContain(' ab ')
  })
})

const progress = {
  fraction: null,
  step: null,
  totalSteps: null,
  epoch: null,
  totalEpochs: null,
  stepsPerSecond: null,
  etaMs: null,
  at: 0,
}

function makeCard(fields: Partial<JobCard>): JobCard {
  return {
    uid: 'abcd1234',
    kind: 'training',
    name: 'charlm-1',
    project: 'examples',
    owner: { id: 1, name: 'admin' },
    state: 'running',
    stateReason: null,
    model: null,
    modelType: null,
    dataset: null,
    target: null,
    group: null,
    jobType: null,
    tags: [],
    commit: null,
    createdAt: 0,
    startedAt: null,
    endedAt: null,
    heardAt: null,
    cost: null,
    attempt: 1,
    branch: 0,
    stage: null,
    progress: null,
    headline: null,
    errorMessage: null,
    diagnosis: null,
    archivedAt: null,
    version: 1,
    ...fields,
  }
}
