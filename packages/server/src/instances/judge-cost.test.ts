import type { InstanceFacts } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { billByDay, gapMaxMs, judgeSpan, splitByDay } from './judge-cost.ts'
import { makeFacts as facts } from './facts.fixture.ts'

const hour = 3_600_000
const day = 24 * hour
it('what ran before it was seen first counts from when it says that it started', () => {
  const at = 10 * day + hour
  expect(judgeSpan(null, { at, facts: facts() })).toEqual({ from: 10 * day, until: at, perHour: 2 })
  expect(judgeSpan(null, { at, facts: facts({ startedAt: null }) })).toBeNull()
  expect(judgeSpan(null, { at, facts: facts({ status: 'stopped' }) })).toBeNull()
})

it('between two looks it costs what it did at the first: its disk while it is stopped, nothing while it loads', () => {
  const before = 11 * day
  const spanOf = (status: InstanceFacts['status']) =>
    judgeSpan({ at: before, facts: facts({ status }) }, { at: before + 1_000, facts: facts() })?.perHour
  expect(spanOf('running')).toBe(2)
  expect(spanOf('stopped')).toBe(0.1)
  expect(spanOf('loading')).toBeUndefined()
})

it('after a time without looks only that counts of which it is known', () => {
  const before = { at: 11 * day, facts: facts() }
  const at = before.at + 5 * hour
  // It ran at both ends and tells since when.
  expect(judgeSpan(before, { at, facts: facts() })).toMatchObject({ from: before.at, until: at })
  // It was started anew in between.
  const anew = facts({ startedAt: before.at + 4 * hour })
  expect(judgeSpan(before, { at, facts: anew })).toMatchObject({ from: before.at + 4 * hour, until: at })
  // It stands now, since nobody knows when.
  const stands = judgeSpan(before, { at, facts: facts({ status: 'stopped' }) })
  expect(stands).toEqual({ from: before.at, until: before.at + gapMaxMs, perHour: 2 })
  // A clock that was set back costs nothing.
  expect(judgeSpan(before, { at: before.at - hour, facts: facts() })).toBeNull()
})

it('days are those of UTC, and bills replace those that are over', () => {
  expect(splitByDay({ from: day - hour, until: day + 2 * hour, perHour: 2 })).toEqual([
    { day: 0, amount: 2 },
    { day, amount: 4 },
  ])
  const bills = [
    { from: 0, until: day, amount: 10 },
    { from: 0, until: day, amount: 1 },
    { from: day, until: day + hour, amount: 3 },
  ]
  expect(billByDay(bills, day + 2 * hour)).toEqual([{ day: 0, amount: 11 }])
})
