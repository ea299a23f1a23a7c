import fc from 'fast-check'
import { expect, it } from 'vitest'
import { diagnosisRules } from './rules.ts'
import { gramLength, makeTextFilter } from './text-filter.ts'
import { matchText, readTextPattern } from './text-pattern.ts'

const patterns = diagnosisRules.flatMap(({ texts }) => texts ?? []).map(readTextPattern)
const mayMatch = makeTextFilter(patterns)

it('every text of the catalogue is long enough to be recognised', () => {
  expect(patterns.filter(({ longest }) => longest.length < gramLength)).toEqual([])
})

it('lets every line through that a pattern matches, wherever it stands in it', () => {
  const line = fc.tuple(fc.string(), fc.constantFrom(...patterns), fc.string()).map(([before, pattern, after]) => ({
    pattern,
    text: `${pattern.atStart ? '' : before}${pattern.literals.join('x')}${pattern.atEnd ? '' : after}`,
  }))
  fc.assert(
    fc.property(line, ({ pattern, text }) => {
      expect(matchText(pattern, text)).not.toBeNull()
      expect(mayMatch(text)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

it.each([
  'step 12 loss 0.123 lr 1e-4',
  'Epoch 3:  45%|████▌     | 90/200 [00:10<00:12,  8.90it/s]',
  '',
  'ünïcödé 日本語',
])('keeps back «%s»', (text) => {
  expect(mayMatch(text)).toBe(false)
})
