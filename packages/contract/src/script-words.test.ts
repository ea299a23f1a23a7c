import fc from 'fast-check'
import { expect, it } from 'vitest'
import { joinWords, quoteHydra, splitWords, unquoteHydra } from './script-words.ts'

it('words are read back as they were, whatever stands in them', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
      expect(splitWords(joinWords(words))).toEqual({ words })
    }),
  )
})

it('words that somebody writes are split as a shell would, and nothing in them is replaced', () => {
  expect(splitWords(`--a "b c" d\\ e '$(touch x)' "" $HOME \`id\``)).toEqual({
    words: ['--a', 'b c', 'd e', '$(touch x)', '', '$HOME', '`id`'],
  })
  expect(splitWords('--name "open')).toEqual({ message: 'A quote " has no end.' })
})

it('plain text is quoted for Hydra only where it must be, and read back', () => {
  expect(['adam', 'data/train.csv', 'a b', '1e-3', 'true', 'null', '', "it's", 'a,b', 'k=v'].map(quoteHydra)).toEqual([
    'adam',
    'data/train.csv',
    "'a b'",
    "'1e-3'",
    "'true'",
    "'null'",
    "''",
    "'it\\'s'",
    "'a,b'",
    "'k=v'",
  ])
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(unquoteHydra(quoteHydra(text))).toBe(text)
    }),
  )
})

it('lists, objects and functions of Hydra stand for no text', () => {
  expect(['[1,2]', '{a:1}', 'choice(a,b)'].map(unquoteHydra)).toEqual([undefined, undefined, undefined])
})
