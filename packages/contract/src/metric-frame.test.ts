import { expect, it } from 'vitest'
import type { MetricAnswer } from './metric.ts'
import { decodeMetricAnswer, encodeMetricAnswer, metricColumns } from './metric-frame.ts'

it('brings every column of every series back, non-finite values too', () => {
  const columns = Object.fromEntries(
    metricColumns.map((name, at) => [name, Float64Array.of(at, Number.NaN, -Infinity)]),
  )
  const series = {
    key: 'val/loss',
    source: 'job',
    branch: 2,
    total: 9,
    count: 3,
    ...columns,
  } as MetricAnswer['series'][number]
  const answer: MetricAnswer = {
    job: 'abcd',
    x: 'epoch',
    series: [
      series,
      { ...series, key: 'ünïcode «☂»', count: 1 },
      { ...series, smoothed: Float64Array.of(1, 2, Number.NaN), smoothing: { weight: 0.9, mass: 1 } },
    ],
  }
  expect(decodeMetricAnswer(encodeMetricAnswer(answer))).toEqual(answer)
})
