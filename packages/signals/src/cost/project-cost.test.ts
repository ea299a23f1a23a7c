import { expect, it } from 'vitest'
import { forecastBudget, projectCost } from './project-cost.ts'

const hour = 3_600_000

it('a job costs at its end what it costs now, and its rate times what is still to go', () => {
  expect(projectCost({ amount: 10, perHour: 2, etaMs: 3 * hour })).toEqual({
    amount: 16,
    assumption: 'estimate: its pace and its price stay as they are',
  })
})

it('without an end nobody can tell, and a job that does not run adds nothing', () => {
  expect(projectCost({ amount: 10, perHour: 2, etaMs: null }).amount).toBeNull()
  expect(projectCost({ amount: 10, perHour: 2, etaMs: NaN }).amount).toBeNull()
  expect(projectCost({ amount: 10, perHour: 0, etaMs: hour }).amount).toBe(10)
  expect(projectCost({ amount: 10, perHour: 2, etaMs: -hour }).amount).toBe(10)
})

it('a budget is forecast in a straight line to the end of its period', () => {
  const input = { spent: 40, perHour: 2, now: 0, until: 50 * hour, budget: 100 }
  expect(forecastBudget(input)).toMatchObject({ projected: 140, reachedAt: 30 * hour })
  expect(forecastBudget({ ...input, budget: 200 })).toMatchObject({ projected: 140, reachedAt: null })
  expect(forecastBudget({ ...input, until: null })).toMatchObject({ projected: null, reachedAt: 30 * hour })
})

it('one that is used up, or on which nothing runs, is not reached any more', () => {
  const input = { spent: 100, perHour: 2, now: 0, until: 50 * hour, budget: 100 }
  expect(forecastBudget(input).reachedAt).toBeNull()
  expect(forecastBudget({ ...input, spent: 0, perHour: 0 })).toMatchObject({ projected: 0, reachedAt: null })
})

it('a clock that is past the end of the period takes nothing away', () => {
  const forecast = forecastBudget({ spent: 40, perHour: 2, now: 60 * hour, until: 50 * hour, budget: 100 })
  expect(forecast).toMatchObject({ projected: 40, reachedAt: null })
})
