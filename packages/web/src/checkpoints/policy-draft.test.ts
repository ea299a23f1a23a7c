import { checkpointPolicy } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { expect, test } from 'vitest'
import { beginPolicyDraft, describePolicy, readPolicyDraft } from './policy-draft.ts'

const likely = { metric: 'val/loss', goal: 'minimize' } as const

test('rules come out of the form as they went in', () => {
  const policies = [
    null,
    { last: 3 },
    { best: { metric: 'accuracy', goal: 'maximize' as const, count: 2 }, everySteps: 0.5 },
    { last: 1, best: { ...likely, count: 1 }, everySteps: 1000, kinds: ['scheduled', 'automatic'] as const },
  ].map((policy) => (policy === null ? null : checkpointPolicy.parse(policy)))
  for (const policy of policies)
    expect(readPolicyDraft(beginPolicyDraft(policy, likely))).toEqual({ policy, faults: {} })
})

test('what is no number, or keeps nothing from going, is said', () => {
  const none = beginPolicyDraft(null, likely)
  expect(readPolicyDraft({ ...none, hasLast: true, last: '2.5' }).faults).toHaveProperty('last')
  expect(readPolicyDraft({ ...none, hasLast: true, last: '' }).faults).toHaveProperty('last')
  expect(readPolicyDraft({ ...none, hasBest: true, best: '0' }).faults).toHaveProperty('best')
  expect(readPolicyDraft({ ...none, hasBest: true, metric: '' }).faults).toHaveProperty('metric')
  expect(readPolicyDraft({ ...none, hasEvery: true, every: '-1' }).faults).toHaveProperty('every')
  expect(readPolicyDraft({ ...none, hasEvery: true, every: '1e999' }).faults).toHaveProperty('every')
  expect(readPolicyDraft({ ...none, hasLast: true, kinds: [] })).toMatchObject({ policy: undefined })
  // What no rule asks for may be anything.
  expect(readPolicyDraft({ ...none, last: 'x', kinds: [] })).toEqual({ policy: null, faults: {} })
})

test('rules are told in words', () => {
  expect(describePolicy(null)).toBeNull()
  expect(describePolicy({ kinds: ['manual'] })).toBeNull()
  expect(describePolicy({ last: 1 })).toBe('the youngest stay')
  expect(describePolicy({ last: 3, best: { ...likely, count: 2 }, everySteps: 1000, kinds: ['scheduled'] })).toBe(
    `the 3 youngest, the 2 best by val/loss and the first in every ${formatCount(1000)} steps stay, and all that are not scheduled`,
  )
})
