import type { UsageHistory } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { createPaint } from './paint.ts'
import { viewUsage } from './usage-view.ts'

const view = { paint: createPaint({ enabled: false }), width: 80 }
const group = { name: 'lab/gpu\u001B[31m', jobs: 3, failed: 1, hours: 5, gpuHours: 10, cost: 20 }
const history: UsageHistory = {
  from: 0,
  until: 1,
  parts: [],
  total: {
    completed: 2,
    failed: 1,
    cancelled: 0,
    lost: 0,
    jobs: 3,
    hours: 5,
    gpuHours: 10,
    cost: 20,
    unpricedHours: 0,
  },
  currency: 'USD',
  waited: { jobs: 3, median: 60_000, p90: 600_000 },
  ran: { jobs: 0, median: null, p90: null },
  members: [{ ...group, name: null }],
  places: [group],
  gpus: [],
  use: { time: { jobs: 3, share: 0.35 }, gpus: { jobs: 0, share: null }, memory: { jobs: 0, share: null } },
  causes: [{ cause: 'time-limit', jobs: 1 }],
}

it('tells outcomes, times, use, groups and causes, and nothing that a terminal would obey', () => {
  const lines = viewUsage(history, view)
  expect(lines.slice(0, 5)).toEqual([
    '3 jobs ended: 2 completed, 1 failed',
    '5.0 hours · 10.0 GPU-hours · $20.00',
    'Waited: median 1 m, nine of ten at most 10 m (3 jobs)',
    'Ran: not known of any job',
    'Used 35 % of the time asked for, of 3 jobs',
  ])
  expect(lines.join('\n')).not.toContain('\u001B')
  expect(lines.at(-1)).toBe('1  time limit was over')
})

it('says that there is nothing', () => {
  expect(viewUsage({ ...history, total: { ...history.total, jobs: 0 } }, view)).toEqual([
    'No job has ended within this time.',
  ])
})
