import type { JobCard } from '@pilothouse/contract'
import { healthProfiles } from '@pilothouse/signals'
import { expect, it } from 'vitest'
import { makeCard, progress } from '../../job-card.fixture.ts'
import { type JobSight, viewJobRow } from './job-row.ts'

const context = { now: 100_000, profile: healthProfiles.default, readOnly: false, trouble: null }

function see(card: Partial<JobCard>, but: Partial<JobSight> = {}): ReturnType<typeof viewJobRow> {
  return viewJobRow(
    { card: makeCard({ heardAt: 100_000, ...card }), use: null, idleSince: null, kinds: null, ...but },
    context,
  )
}

it('why a job waits is told beside its state, and makes it no older than it is', () => {
  const row = see({ state: 'pending', stateReason: 'Two jobs are before it.' })
  expect(row).toMatchObject({ trouble: null, health: { why: 'Two jobs are before it.' } })
})

it('why a job failed is what the diagnosis says, else its error', () => {
  const failed = { state: 'failed', errorMessage: 'Killed', stateReason: 'Signal 9.' } as const
  expect(see({ ...failed, diagnosis: 'It had too little memory.' }).health.why).toBe('It had too little memory.')
  expect(see(failed).health.why).toBe('Killed')
})

it('who ended well is done with all, unless it was told to end long before', () => {
  const at = (fraction: number | null) => see({ state: 'completed', progress: { ...progress, fraction } }).progress
  expect([at(null), at(0.999), at(0.12)]).toEqual([1, 1, 0.12])
})

it('offers what its script can be told, and what its state allows', () => {
  const kinds = ['stop', 'pause', 'resume', 'set'] as const
  expect(see({ state: 'running' }, { kinds }).can).toEqual(['stop', 'pause'])
  expect(see({ state: 'paused' }, { kinds }).can).toEqual(['resume', 'stop'])
  expect(see({ state: 'completed' }, { kinds }).can).toEqual([])
  expect(see({ state: 'running' }, { kinds: [] }).can).toEqual([])
  expect(see({ state: 'running' }).can).toEqual(['stop', 'checkpoint', 'pause'])
})
