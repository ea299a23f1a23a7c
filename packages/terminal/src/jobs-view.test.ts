import { describe, expect, it } from 'vitest'
import { makeCard, progress } from './job-card.fixture.ts'
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
