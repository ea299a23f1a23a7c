import { expect, it } from 'vitest'
import { listImpactMetrics } from './list-impact-metrics.ts'

const headline = {
  key: 'train/loss',
  last: 1,
  best: 1,
  bestStep: 1,
  goal: 'minimize' as const,
  spark: [],
}
const own = (key: string) => ({ key, source: 'job' })

it('the headline comes first, then what has a direction, and the parameter itself last', () => {
  const latest = ['lr', 'grad_norm', 'val/accuracy', 'gain', 'val/loss', 'train/loss'].map(own)
  const metrics = [{ key: 'gain', goal: 'maximize' as const }]
  expect(listImpactMetrics({ headline, metrics }, latest, 'lr')).toEqual([
    { key: 'train/loss', goal: 'lower' },
    { key: 'val/loss', goal: 'lower' },
    { key: 'val/accuracy', goal: 'higher' },
    { key: 'gain', goal: 'higher' },
    { key: 'grad_norm', goal: null },
    { key: 'lr', goal: null },
  ])
})

it('what machines and ranks measured is not offered', () => {
  const latest = [own('loss'), { key: 'gpu_percent', source: 'gpu:node-1/0' }, { key: 'loss', source: 'rank:1' }]
  expect(listImpactMetrics({ headline: null, metrics: [] }, latest, undefined).map(({ key }) => key)).toEqual(['loss'])
})
