import { expect, it } from 'vitest'
import { fillWords, matchText, readTextPattern } from './text-pattern.ts'

it.each([
  ["No module named '{module}'", "ModuleNotFoundError: No module named 'yaml'", { module: 'yaml' }],
  ['shape {a} vs {b}', 'got shape [3] vs [4]', { a: '[3]', b: '[4]' }],
  ['^Killed$', 'Killed', {}],
  ['^Killed$', 'Killed by', null],
  ['^Killed$', 'was Killed', null],
  ['^Error: {what}', 'Error: no such option', { what: 'no such option' }],
  ['line {}: {command}: not found$', 'sh: line 3: nvcc: not found', { command: 'nvcc' }],
  ['line {}: {command}: not found$', 'sh: line 3: nvcc: not found here', null],
  ['a{}b$', 'a b b', {}],
  ['ab{}b$', 'ab', null],
])('%s reads «%s»', (source, text, captures) => {
  expect(matchText(readTextPattern(source), text)).toEqual(captures)
})

it('what stands in a hole is cut when it is long', () => {
  const captures = matchText(readTextPattern("'{path}'"), `'${'x'.repeat(1_000)}'`)
  expect(captures?.['path']).toHaveLength(160)
})

it('words are filled with what was captured, or else with what stands for it', () => {
  expect(fillWords('«{module|it imports}» is missing', { module: 'yaml' })).toBe('«yaml» is missing')
  expect(fillWords('«{module|it imports}» is missing', {})).toBe('«it imports» is missing')
})
