import type { CheckpointPolicy } from '@pilothouse/contract'
import { checkpointKinds, checkpointStates } from '@pilothouse/contract/wire'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type KeptCandidate, chooseKept } from './choose-kept.ts'

const of = (id: number, part: Partial<KeptCandidate> = {}): KeptCandidate => ({
  id,
  kind: 'automatic',
  state: 'present',
  branch: 1,
  time: id * 1_000,
  step: id * 100,
  metrics: {},
  pinned: false,
  ...part,
})
const five = [1, 2, 3, 4, 5].map((id) => of(id))
const keptBy = (policy: CheckpointPolicy, list: readonly KeptCandidate[]) =>
  chooseKept(policy, list)
    .filter(({ keep }) => keep)
    .map(({ id }) => id)

it('without a rule nothing is deleted, whatever kinds it is for', () => {
  expect(keptBy({}, five)).toEqual([1, 2, 3, 4, 5])
  expect(keptBy({ kinds: ['automatic'] }, five)).toEqual([1, 2, 3, 4, 5])
  expect(chooseKept({}, five)[0]).toEqual({
    id: 1,
    keep: true,
    reasons: ['noRules'],
    words: ['no rule says what stays, so all do'],
  })
  expect(chooseKept({}, [])).toEqual([])
})

it('the youngest by time stay, though their steps are smaller after a rollback', () => {
  const back = of(6, { step: 150, branch: 2 })
  expect(keptBy({ last: 2 }, [...five, back])).toEqual([5, 6])
  expect(keptBy({ last: 2 }, [of(8, { time: 5 }), of(9, { time: 5 }), of(7, { time: 5 })])).toEqual([8, 9])
})

it('the best of a metric stay; of equal ones the younger; those without a finite value do not count', () => {
  const values = [1.5, Number.NaN, 1.2, undefined, 'NaN', 1.2, Infinity, '-Infinity', 9] as const
  const list = values.map((value, at) => of(at + 1, { metrics: value === undefined ? {} : { loss: value } }))
  const best = (count: number, goal: 'minimize' | 'maximize' = 'minimize') =>
    keptBy({ best: { metric: 'loss', goal, count } }, list)
  // The youngest, 9, stays in any case.
  expect(best(1)).toEqual([6, 9])
  expect(best(2)).toEqual([3, 6, 9])
  expect(best(100)).toEqual([1, 3, 6, 9])
  expect(best(2, 'maximize')).toEqual([1, 9])
  expect(chooseKept({ best: { metric: 'loss', goal: 'minimize', count: 2 } }, list)[2]).toMatchObject({
    reasons: ['best'],
    words: ['number 2 by loss, 1.2'],
  })
  expect(keptBy({ best: { metric: 'toString', goal: 'minimize', count: 5 } }, list)).toEqual([9])
})

it('one stays in each stretch of steps, of each branch', () => {
  const list = [100, 199, 200, 950, 1_010, 1_020].map((step, at) => of(at + 1, { step }))
  expect(keptBy({ everySteps: 1_000 }, list)).toEqual([1, 5, 6])
  expect(keptBy({ everySteps: 100 }, list)).toEqual([1, 3, 4, 5, 6])
  const twice = [...list, of(7, { step: 100, branch: 2 }), of(8, { step: 100, branch: 2 })]
  expect(keptBy({ everySteps: 10_000 }, twice)).toEqual([1, 8])
})

it('pinned ones and other kinds stay, and it says why; what goes is told, too', () => {
  const list = [of(1, { pinned: true }), of(2, { kind: 'manual' }), of(3), of(4)]
  const [pinned, manual, gone, youngest] = chooseKept({ last: 1, kinds: ['automatic'] }, list)
  expect(pinned).toMatchObject({ keep: true, words: ['pinned'] })
  expect(manual).toMatchObject({ keep: true, words: ['the policy leaves manual ones alone'] })
  expect(gone).toEqual({ id: 3, keep: false, reasons: [], words: ['no rule keeps it'] })
  expect(youngest).toMatchObject({ reasons: ['youngest', 'last'], words: ['the youngest', 'one of the 1 youngest'] })
})

it('those whose files are not there take no place of others', () => {
  const list = [of(1), of(2), of(3, { state: 'missing' }), of(4, { state: 'deleting' }), of(5, { state: 'corrupt' })]
  const found = chooseKept({ last: 1 }, list)
  expect(found.map(({ keep }) => keep)).toEqual([false, true, true, true, true])
  expect(found[2]?.reasons).toEqual(['absent'])
})

const candidates = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...checkpointKinds),
      state: fc.constantFrom('present' as const, 'present' as const, ...checkpointStates),
      branch: fc.integer({ min: 1, max: 3 }),
      time: fc.integer({ min: 0, max: 20 }),
      step: fc.integer({ min: 0, max: 500 }),
      metrics: fc.oneof(
        fc.constant({}),
        fc.record({ loss: fc.oneof(fc.double(), fc.constant('NaN' as const), fc.constant(1)) }),
      ),
      pinned: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  .map((rows) => rows.map((row, at) => ({ id: at + 1, ...row })))
const best = fc.record({
  metric: fc.constant('loss'),
  goal: fc.constantFrom('minimize' as const, 'maximize' as const),
  count: fc.integer({ min: 1, max: 8 }),
})
const rules = {
  last: fc.integer({ min: 1, max: 8 }),
  best,
  everySteps: fc.integer({ min: 1, max: 200 }),
}
const policies = fc.record({ ...rules, kinds: fc.subarray([...checkpointKinds]) }, { requiredKeys: [] })

it('the youngest that is there and pinned ones are never deleted', () => {
  fc.assert(
    fc.property(policies, candidates, (policy, list) => {
      const found = chooseKept(policy, list)
      expect(found.map(({ id }) => id)).toEqual(list.map(({ id }) => id))
      const present = list.filter(({ state }) => state === 'present')
      const newest = Math.max(...present.map(({ time }) => time))
      const youngest = present.filter(({ time }) => time === newest).at(-1)
      for (const { id, keep, words } of found) {
        expect(words.length).toBeGreaterThan(0)
        if (id === youngest?.id || list[id - 1]?.pinned === true) expect(keep).toBe(true)
      }
    }),
    { numRuns: 500, seed: 3 },
  )
})

it('one more rule never deletes more, nor does a rule that keeps more', () => {
  const hasRule = (policy: CheckpointPolicy) =>
    policy.last !== undefined || policy.best !== undefined || policy.everySteps !== undefined
  fc.assert(
    fc.property(policies.filter(hasRule), fc.record(rules, { requiredKeys: [] }), candidates, (policy, more, list) => {
      const before = keptBy(policy, list)
      const after = new Set(keptBy({ ...more, ...policy }, list))
      const larger = new Set(
        keptBy({ ...policy, ...(policy.last === undefined ? {} : { last: policy.last + 1 }) }, list),
      )
      for (const id of before) expect([after.has(id), larger.has(id)]).toEqual([true, true])
    }),
    { numRuns: 500, seed: 4 },
  )
})
