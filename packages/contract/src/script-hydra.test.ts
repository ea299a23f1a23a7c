/** Held against Hydra's own parser of overrides. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { askHydra, showInPython } from '../../../lab/ask-hydra.ts'
import { readSweep } from './script-sweep.ts'
import { quoteHydra } from './script-words.ts'

const sample = <Value>(arbitrary: fc.Arbitrary<Value>, count: number): Value[] =>
  fc.sample(arbitrary, { numRuns: count })

it('Hydra reads quoted text as the very text', () => {
  const hard = fc
    .array(fc.constantFrom(...`ab'"\\,=()[]{}:$ \n\t~+-#é1.`.split('')), { maxLength: 12 })
    .map((parts) => parts.join(''))
  const isText = (text: string): boolean => !text.includes('${')
  const texts = [...sample(hard.filter(isText), 400), ...sample(fc.string().filter(isText), 200)]
  texts.push('$(touch x)', '--', "'; rm -rf /", 'a\nb', '\\', "\\'", 'true', '1', 'null', 'inf', 'x=1,2', ' a ')
  expect(askHydra(texts.map(quoteHydra))).toEqual(showInPython(texts).map((text) => [text]))
})

it('sweeps are spread out into what Hydra would run', () => {
  const number = fc.oneof(
    fc.integer({ min: -9, max: 9 }).map(String),
    fc.constantFrom('0.1', '2e-1', '-2.5', '1_0', '.5', '7.'),
  )
  const word = fc.constantFrom(
    'adam',
    'a-b',
    "'a,b'",
    '"q\'q"',
    'x\\,y',
    '[1,[2,3]]',
    '{a:1,b:[2]}',
    '${c}',
    'null',
    'True',
    '',
  )
  const element = fc.oneof(number, word)
  const list = fc.array(element, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(','))
  const range = fc.array(number, { minLength: 1, maxLength: 3 }).map((parts) => `range(${parts.join(',')})`)
  const texts = [
    ...sample(list, 150),
    ...sample(
      list.map((text) => `choice(${text})`),
      100,
    ),
    ...sample(range, 120),
  ]
  const answers = askHydra(texts)
  const ours = texts.map((text) => readSweep(text, { valuesMax: 100_000 }))
  const read = askHydra(ours.flatMap((one) => ('values' in one ? one.values : [])))
  let at = 0
  for (const [index, one] of ours.entries()) {
    const text = texts[index] ?? ''
    if ('message' in one) {
      // What Hydra takes and we do not is an empty range, which makes no job.
      expect([text, answers[index] ?? []]).toEqual([text, []])
      continue
    }
    const values = read.slice(at, (at += one.values.length)).flatMap((value) => value ?? ['refused'])
    if (answers[index] === null) continue // Hydra says what is wrong when it is asked.
    expect([text, values]).toEqual([text, answers[index]])
  }
})
