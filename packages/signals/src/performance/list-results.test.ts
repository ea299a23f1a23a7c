import type { LatestMetric } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { listResults } from './list-results.ts'

function metric(key: string, parts: Partial<LatestMetric> = {}): LatestMetric {
  const values = { value: 0.5, min: 0.25, minStep: 30, max: 2, maxStep: 1, nonFinite: 0 }
  return { key, source: 'job', branch: 1, total: 40, step: 40, epoch: null, time: 0, ...values, ...parts }
}

it('the best of a loss is its lowest value, of an accuracy its highest, each with its step', () => {
  const results = listResults([metric('accuracy'), metric('loss')])
  expect(results).toMatchObject([
    { key: 'loss', goal: 'lower', final: 0.5, finalStep: 40, best: { value: 0.25, step: 30 } },
    { key: 'accuracy', goal: 'higher', best: { value: 2, step: 1 } },
  ])
})

it('the word of the script counts before the name', () => {
  const [first] = listResults([metric('energy')], [{ key: 'energy', goal: 'minimize' }])
  expect(first).toMatchObject({ goal: 'lower', best: { value: 0.25, step: 30 } })
})

it('nothing is called best where nobody says which way is better, and where no value was a number', () => {
  expect(listResults([metric('lr')])).toMatchObject([{ goal: null, best: null }])
  const nothing = { value: Number.NaN, min: Number.NaN, max: Number.NaN, nonFinite: 40 }
  expect(listResults([metric('loss', nothing)])).toMatchObject([{ goal: 'lower', best: null, final: Number.NaN }])
})

it('what is told of hosts and GPUs is no result', () => {
  expect(listResults([metric('cpu.utilization', { source: 'host:a' })])).toEqual([])
})
