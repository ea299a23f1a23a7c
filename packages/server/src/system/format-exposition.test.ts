import { expect, it } from 'vitest'
import { formatExposition } from './format-exposition.ts'
import { readExposition } from './read-exposition.fixture.ts'

it('a family has its help, its type, and a line for each sample', () => {
  const samples = [{ labels: { model: 'a', result: 'failed' }, value: 12 }, { value: 0.5 }]
  const text = formatExposition([{ name: 'x_total', type: 'counter', help: 'How many.', samples }])
  expect(text).toBe(
    '# HELP x_total How many.\n# TYPE x_total counter\nx_total{model="a",result="failed"} 12\nx_total 0.5\n',
  )
})

it('whatever stands in labels and helps is read as it was', () => {
  const hostile = ['', 'a"b', '\\', '\\n', '\n', '"} 1\nevil 2\n', 'ü, {é}="', '\\"', '\u2028']
  const samples = hostile.map((model, value) => ({ labels: { model }, value }))
  const family = { name: 'x', type: 'gauge', help: 'a\\b\nc', samples } as const
  const read = readExposition(formatExposition([family]))
  expect([...read.keys()]).toEqual(['x'])
  expect(read.get('x')).toEqual({
    type: 'gauge',
    help: family.help,
    samples: samples.map((sample) => ({ name: 'x', ...sample })),
  })
})

it('numbers are written so that they are read as what they are', () => {
  const values = [0, -1.5, 1e21, 1e-7, Number.MAX_SAFE_INTEGER, Infinity, -Infinity, NaN]
  const samples = values.map((value, at) => ({ labels: { at: String(at) }, value }))
  const read = readExposition(formatExposition([{ name: 'x', type: 'gauge', help: 'Numbers.', samples }]))
  expect(read.get('x')?.samples.map(({ value }) => value)).toEqual(values)
})

it('a family without samples is left out', () => {
  expect(formatExposition([{ name: 'x', type: 'gauge', help: 'Nothing.', samples: [] }])).toBe('')
})
