import { expect, it } from 'vitest'
import type { Parameter } from '@pilothouse/contract'
import { comparePreset } from './compare-preset.ts'

const plain: Parameter = {
  key: 'lr',
  type: 'number',
  min: 0,
  max: 1,
  step: null,
  log: false,
  choices: [],
  unit: null,
  description: null,
  value: 0.5,
  revision: 1,
  changedAt: 0,
  pending: null,
}
const parameters = [
  plain,
  { ...plain, key: 'clip' },
  { ...plain, key: 'batch', type: 'integer' as const, value: 8, max: null },
]

it('says of each value whether it is other, the same, or not possible, in the order of the job', () => {
  const values = { noise: 1, batch: 1.5, clip: 0.5, lr: 0.1 }
  expect(comparePreset({ values }, parameters)).toEqual([
    { key: 'lr', now: 0.5, value: 0.1, kind: 'change' },
    { key: 'clip', now: 0.5, value: 0.5, kind: 'same' },
    { key: 'batch', now: 8, value: 1.5, kind: 'bad', fault: 'a whole number is expected' },
    { key: 'noise', now: undefined, value: 1, kind: 'bad', fault: 'this job has no such parameter' },
  ])
})
