import { expect, test } from 'vitest'
import type { JobCard } from '@pilothouse/contract'
import { addArrivals, arrivalsShownMax, noArrivals } from './arrivals.ts'

const openedAt = 1_000_000

function card(uid: string, parts: Partial<JobCard> = {}): JobCard {
  return { uid, name: uid, createdAt: openedAt + 10, endedAt: null, ...parts } as JobCard // the rest is not looked at
}

function since(known: string[] = []) {
  return { openedAt, known: new Set(known), seen: new Set<string>() }
}

test('a job that is made after the sheet was opened has arrived, once', () => {
  const state = since()
  const first = addArrivals(noArrivals, [card('one')], state)
  const second = addArrivals(first, [card('one', { name: 'renamed' }), card('two')], state)
  expect(second.total).toBe(2)
  expect(second.jobs.map(({ name }) => name)).toEqual(['two', 'renamed'])
})

test('a job that was running before has not arrived, even when it ends now', () => {
  const old = { createdAt: 5 }
  const state = since(['listed'])
  expect(addArrivals(noArrivals, [card('old', old), card('listed')], state)).toEqual(noArrivals)
  expect(addArrivals(noArrivals, [card('old', { ...old, endedAt: openedAt + 50 })], state)).toEqual(noArrivals)
})

test('an imported job ended long ago, and has arrived all the same', () => {
  const imported = { createdAt: 5, endedAt: 500 }
  const arrivals = addArrivals(noArrivals, [card('a', imported), card('b', imported)], since(['b']))
  expect(arrivals.jobs.map(({ uid }) => uid)).toEqual(['a'])
})

test('many are counted, and the newest few are shown', () => {
  const cards = Array.from({ length: 50 }, (_, at) => card(`job-${at}`))
  const arrivals = addArrivals(noArrivals, cards, since())
  expect(arrivals.total).toBe(50)
  expect(arrivals.jobs.map(({ uid }) => uid)).toEqual(['job-49', 'job-48', 'job-47', 'job-46'])
  expect(arrivals.jobs).toHaveLength(arrivalsShownMax)
})
