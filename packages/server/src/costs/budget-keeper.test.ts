import { expect, it } from 'vitest'
import { BudgetKeeper, type BudgetParts } from './budget-keeper.ts'

const minute = 60_000

/** A keeper whose clocks are set by hand, and what it asked and woke. */
function makeKeeper() {
  const clock = { wall: 0, steady: 0 }
  const looks: number[] = []
  const woken: string[] = []
  const fails: unknown[] = []
  const answer = { isTold: true, cancelled: ['job-1'] }
  const call = async (_: string, input: unknown) => {
    looks.push((input as { at: number }).at) // as `budgets.evaluate` is asked
    if (looks.length === 3) throw new Error('the disk is full')
    return Promise.resolve(answer)
  }
  const parts: BudgetParts = {
    storage: { call: call as BudgetParts['storage']['call'] }, // of one operation
    courier: { wake: () => void woken.push('courier') },
    launches: { wake: async (uids) => void woken.push(...uids) },
    now: () => clock.wall,
    steady: () => clock.steady,
    logger: { error: (one: unknown) => void fails.push(one) },
  }
  return { keeper: new BudgetKeeper(parts), clock, looks, woken, fails }
}

it('what was told and cancelled is passed on at once; a clock that jumps and comes back reaches nothing', async () => {
  const { keeper, clock, looks, woken } = makeKeeper()
  const go = async (wall: number): Promise<void> => {
    clock.wall += wall
    clock.steady += minute
    await keeper.look()
  }
  await go(minute)
  expect([looks, woken]).toEqual([[minute], ['courier', 'job-1']])
  await go(24 * 60 * minute)
  await go(-24 * 60 * minute)
  expect(looks).toHaveLength(1)
  await go(minute)
  expect(looks).toHaveLength(2)
  await keeper.close()
  await keeper.look()
  expect(looks).toHaveLength(2)
})

it('a look that fails is noted, and the next one comes', async () => {
  const { keeper, looks, fails } = makeKeeper()
  for (let round = 0; round < 4; round += 1) await keeper.look()
  expect([looks.length, fails.length]).toEqual([4, 1])
  await keeper.close()
})
