import type { JobCard } from '@pilothouse/contract'
import { expect, test } from 'vitest'
import { mergeJobs } from './jobs-feed.ts'
import { matchesSearch, readJobsSearch } from './jobs-search.ts'

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
  const fitting = card('x', { name: 'bert', model: 'base', tags: ['a', 'b'], createdAt: now - 1_000 })
  expect(matchesSearch(fitting, search, now)).toBe(true)
  expect(matchesSearch({ ...fitting, state: 'failed' }, search, now)).toBe(false)
  expect(matchesSearch({ ...fitting, createdAt: now - 2 * 86_400_000 }, search, now)).toBe(false)
  expect(matchesSearch({ ...fitting, model: 'large' }, search, now)).toBe(false)
})
