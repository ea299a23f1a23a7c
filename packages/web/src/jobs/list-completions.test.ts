import type { JobStatistics } from '@pilothouse/contract'
import { findSearchPlace } from '@pilothouse/contract/wire'
import { expect, test } from 'vitest'
import { askKeys, listCompletions, type Known } from './list-completions.ts'

const statistics = { tags: ['old', 'llama 3', 'gold'], owners: ['anna'] } as Partial<JobStatistics> as JobStatistics // the lists that are asked for
const nothing: Known = { statistics, keys: [] }

function offer(marked: string, keys: Known['keys'] = []): string[] {
  const place = findSearchPlace(marked.replace('|', ''), marked.indexOf('|'))
  return listCompletions(place, { statistics, keys }).map(({ text }) => text)
}

test('fields come first, with the sign that they take, then metrics and settings', () => {
  const keys = [
    { kind: 'metric' as const, key: 'status' },
    { kind: 'metric' as const, key: 'my stat' },
    { kind: 'config' as const, key: 'stat.x' },
  ]
  expect(offer('sta|', keys)).toEqual(['status:', 'started>', 'metric.status<', '"my stat"<', 'config.stat.x='])
})

test('costs are offered where there are any', () => {
  expect(offer('cos|')).toEqual([])
  const place = findSearchPlace('cos', 3)
  const costWeek = { amount: 1, currency: 'USD', unpricedHours: 0 }
  const known = { statistics: { ...statistics, costWeek }, keys: [] }
  expect(listCompletions(place, known).map(({ text }) => text)).toEqual(['cost>'])
})

test('values that begin like it come first, in quotes where they must be', () => {
  expect(offer('tag:o|')).toEqual(['old', 'gold'])
  expect(offer('tag:ll|')).toEqual(['"llama 3"'])
  expect(offer('owner:|')).toEqual(['me', 'anna'])
  expect(offer('tag:old|')).toEqual(['old', 'gold'])
  expect(offer('status:failed|')).toEqual([])
  expect(listCompletions(undefined, nothing)).toEqual([])
})

test('names are asked for where one can stand', () => {
  const ask = (text: string) => askKeys(findSearchPlace(text, text.length))
  expect(ask('lo')).toEqual({ search: 'lo' })
  expect(ask('config.l')).toEqual({ search: 'l', kind: 'config' })
  expect(ask('has:v')).toEqual({ search: 'v', kind: 'metric' })
  expect(ask('tag:v')).toBeUndefined()
  expect(ask('')).toBeUndefined()
})
