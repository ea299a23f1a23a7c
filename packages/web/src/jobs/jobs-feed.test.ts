import type { JobCard } from '@pilothouse/contract'
import { expect, test } from 'vitest'
import { mergeJobs } from './jobs-feed.ts'
import { matchesSearch } from './jobs-query.ts'
import { readJobsSearch } from './jobs-search.ts'

function card(uid: string, more: Partial<JobCard> = {}): JobCard {
  return {
    uid,
    kind: 'training',
    name: uid,
    project: 'tests',
    owner: { id: 1, name: 'root' },
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
    createdAt: 1_000,
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
    ...more,
  }
}

const pages = {
  pageParams: [null, 'next'],
  pages: [
    { jobs: [card('one'), card('two')], total: 3, next: 'next' },
    { jobs: [card('three')], total: 3, next: null },
  ],
}

test('a card changes in place and does not move', () => {
  const merged = mergeJobs(pages, { jobs: [card('two', { version: 2, state: 'failed' })], removed: [] }, () => true)
  expect(merged.pages[0]?.jobs.map(({ uid, state }) => [uid, state])).toEqual([
    ['one', 'running'],
    ['two', 'failed'],
  ])
})

test('an older version changes nothing', () => {
  const merged = mergeJobs(pages, { jobs: [card('two', { version: 0, state: 'failed' })], removed: [] }, () => true)
  expect(merged.pages[0]?.jobs[1]?.state).toBe('running')
})

test('a new card that belongs arrives on top, others stay out', () => {
  const event = { jobs: [card('four', { createdAt: 2_000 }), card('five', { state: 'failed' })], removed: [] }
  const merged = mergeJobs(pages, event, ({ state }) => state === 'running')
  expect(merged.pages[0]?.jobs.map(({ uid }) => uid)).toEqual(['four', 'one', 'two'])
  expect(merged.pages[0]?.total).toBe(4)
})

test('a job that went away leaves', () => {
  const merged = mergeJobs(pages, { jobs: [], removed: ['three'] }, () => true)
  expect(merged.pages[1]?.jobs).toEqual([])
  expect(merged.pages[0]?.total).toBe(2)
})

test('the address decides which live cards belong', () => {
  const search = readJobsSearch({ q: 'BERT base', state: ['running', 'nonsense'], tag: 'a', time: '1d' })
  expect(search.state).toEqual(['running'])
  const now = 100 * 86_400_000
  const viewer = { memberId: 1, now }
  const fitting = card('x', { name: 'bert', model: 'base', tags: ['a', 'b'], createdAt: now - 1_000 })
  expect(matchesSearch(fitting, search, viewer)).toBe(true)
  expect(matchesSearch({ ...fitting, state: 'failed' }, search, viewer)).toBe(false)
  expect(matchesSearch({ ...fitting, createdAt: now - 2 * 86_400_000 }, search, viewer)).toBe(false)
  expect(matchesSearch({ ...fitting, model: 'large' }, search, viewer)).toBe(false)
  expect(matchesSearch({ ...fitting, archivedAt: now }, search, viewer)).toBe(false)
})

test.each<[string, boolean]>([
  ['tag:a -tag:c owner:me', true],
  ['owner:else', false],
  ['tag:B*', true],
  ['model:*a*e', true],
  ['model:*e*a', false],
  ['name:ERT', true],
  ['type:x', false],
  ['duration>1h attempts<2', true],
  ['duration>3h', false],
  ['cost>4.9', true],
  ['cost>5.1', false],
  ['-cost<4', true],
  ['started>3h is:live', true],
  ['ended:today', false],
  ['-ended:today', true],
  ['is:archived', false],
  ['status:queued', false],
  ['kind:training', true],
  ['loss<2', false],
  ['gpus>1', false],
  ['status:', false],
])('a live card and the search %s', (q, belongs) => {
  const now = 100 * 86_400_000
  const startedAt = now - 2 * 3_600_000
  // Four dollars half an hour ago, at two an hour.
  const cost = { amount: 4, currency: 'USD', perHour: 2, at: now - 1_800_000 }
  const running = card('x', { name: 'bert', model: 'base', tags: ['a', 'b'], startedAt, cost })
  expect(matchesSearch(running, { q }, { memberId: 1, now })).toBe(belongs)
})

test('a job that was archived leaves the list', () => {
  const event = { jobs: [card('two', { version: 2, archivedAt: 5 })], removed: [] }
  const merged = mergeJobs(pages, event, ({ archivedAt }) => archivedAt === null)
  expect(merged.pages[0]?.jobs.map(({ uid }) => uid)).toEqual(['one'])
  expect(merged.pages[0]?.total).toBe(2)
})
