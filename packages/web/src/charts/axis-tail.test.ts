import { expect, test } from 'vitest'
import { AxisTail } from './axis-tail.ts'

const shown = ({ steps, values }: AxisTail) => steps.map((step, at) => [step, values[at]])

test('points stand in order of step, behind the newest one from before', () => {
  const tail = new AxisTail()
  tail.seed({ branch: 0, step: 3, value: 30 })
  tail.add({ branch: 0, steps: [5, 4], values: [50, 'NaN'] })
  tail.seed({ branch: 0, step: 5, value: 99 })
  expect(shown(tail)).toEqual([
    [3, 30],
    [4, Number.NaN],
    [5, 50],
  ])
})

test('a rollback begins anew', () => {
  const tail = new AxisTail()
  tail.add({ branch: 0, steps: [8, 9], values: [80, 90] })
  tail.add({ branch: 1, steps: [5], values: [55] })
  expect(shown(tail)).toEqual([[5, 55]])
})

test('a long tail gives its oldest points away', () => {
  const tail = new AxisTail()
  const steps = Array.from({ length: 10_000 }, (_, at) => at)
  tail.add({ branch: 0, steps, values: steps })
  expect(tail.steps.length).toBe(4_000)
  expect(tail.steps[0]).toBe(6_000)
})
