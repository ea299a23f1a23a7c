import { expect, it } from 'vitest'
import { projectAt } from './project-at.ts'

const hour = 3_600_000
const progress = {
  fraction: 0.5,
  step: 1,
  totalSteps: 2,
  epoch: null,
  totalEpochs: null,
  stepsPerSecond: 1,
  etaMs: 3 * hour,
  at: hour,
}
const cost = { amount: 4, currency: 'USD', perHour: 2, at: 0 }

it('cost and time to go are brought to the same moment, so the projection stands still while both move', () => {
  expect(projectAt({ cost, progress }, hour).amount).toBe(12)
  expect(projectAt({ cost, progress }, 2 * hour).amount).toBe(12)
  expect(projectAt({ cost, progress }, 4 * hour).amount).toBe(12)
})

it('without progress nobody can tell', () => {
  expect(projectAt({ cost, progress: null }, hour).amount).toBeNull()
})
