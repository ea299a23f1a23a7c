import { expect, it } from 'vitest'
import { describeRatio } from './describe-change.ts'

it.each([
  [0.1, 0.01, '÷ 10'],
  [0.1, 0.2, '× 2'],
  [100, 112, '+ 12 %'],
  [100, 90, '− 10 %'],
  [0.3, 0.3, undefined],
  [0, 1, undefined],
  [-1, 1, undefined],
  [true, false, undefined],
  [null, 1, undefined],
])('from %s to %s is «%s»', (old, value, words) => {
  expect(describeRatio(old, value)).toBe(words)
})
