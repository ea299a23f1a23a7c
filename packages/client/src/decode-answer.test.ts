import { expect, it } from 'vitest'
import { decodeAnswer } from './decode-answer.ts'

it('reads the words for NaN and infinities where numbers are promised', () => {
  const metric = { key: 'NaN', source: 'job', value: 'NaN', min: '-Infinity', max: 2, step: 1 }
  expect(decodeAnswer('metrics.latest', { job: 'a', metrics: [metric] })).toEqual({
    job: 'a',
    metrics: [{ ...metric, value: Number.NaN, min: -Infinity }],
  })
})

it('reads them in every column of a series', () => {
  const series = { key: 'loss', x: [1, 2], first: [1, 'NaN'], last: ['Infinity', 2] }
  expect(decodeAnswer('metrics.query', { series: [series] })).toMatchObject({
    series: [{ key: 'loss', x: [1, 2], first: [1, Number.NaN], last: [Infinity, 2] }],
  })
})

it('leaves every other text as it is', () => {
  const job = { name: 'NaN', config: { start: 'Infinity' } }
  expect(decodeAnswer('jobs.get', job)).toBe(job)
})
