import type { ScriptField } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import {
  findOverride,
  fitsFilter,
  groupFields,
  joinChoices,
  noArguments,
  readValue,
  setOverride,
  showValue,
  sortFaults,
} from './script-draft.ts'

const makeField = (more: Partial<ScriptField>): ScriptField => ({
  key: 'name',
  name: 'name',
  form: 'assign',
  off: null,
  type: 'text',
  many: false,
  optional: false,
  default: null,
  choices: null,
  required: false,
  help: null,
  group: null,
  command: null,
  ...more,
})

it.each(['a b', 'true', '1', "it's", 'a,b', 'x=1', '[1]', '$(touch x)', 'a\\', '--', 'line\nline'])(
  '«%s» written into a field for text is set as this text, and shown as it was written',
  (text) => {
    for (const form of ['assign', 'option'] as const) {
      const field = makeField({ form, default: 'other' })
      expect(showValue(field, readValue(field, text))).toBe(text)
    }
  },
)

it('what holds anyway is not set; an empty text is one where there is another default', () => {
  expect(readValue(makeField({ default: 'a' }), 'a')).toBeUndefined()
  expect(readValue(makeField({}), '')).toBeUndefined()
  expect(readValue(makeField({ default: '1', type: 'integer' }), '')).toBeUndefined()
  expect(readValue(makeField({ default: 'a' }), '')).toEqual({ key: 'name', value: "''", sweep: false })
  expect(readValue(makeField({ default: '[1]', type: 'list' }), ' [1, 2] ')?.value).toBe('[1, 2]')
})

it('overrides keep their place when they change', () => {
  const one = { key: 'a', value: '1', sweep: false }
  const two = { key: 'b', value: '2', sweep: false }
  const both = setOverride(setOverride(noArguments, 'a', one), 'b', two)
  const changed = setOverride(both, 'a', { ...one, value: '3' })
  expect(changed.overrides.map(({ key, value }) => `${key}=${value ?? ''}`)).toEqual(['a=3', 'b=2'])
  expect(findOverride(setOverride(changed, 'a', undefined), 'a')).toBeUndefined()
})

it('faults stand at their field, the others together', () => {
  const { of, rest } = sortFaults(
    [
      { key: 'name', message: 'first' },
      { key: 'name', message: 'second' },
      { key: 'gone', message: 'third' },
      { key: null, message: 'fourth' },
    ],
    { fields: [makeField({})], groups: [] },
  )
  expect([[...of], rest.map(({ message }) => message)]).toEqual([[['name', 'first']], ['third', 'fourth']])
})

it('fields stand under their headings, and are found by words of name, heading and help', () => {
  const field = makeField({ key: 'optimizer.lr', name: 'optimizer.lr', group: 'optimizer', help: 'Learning rate' })
  expect(groupFields([field, makeField({})]).map(([heading]) => heading)).toEqual([null, 'optimizer'])
  expect(['lr', 'rate OPTIM', '', 'beta'].map((filter) => fitsFilter(field, filter))).toEqual([true, true, true, false])
})

it('choices of a sweep are quoted as they must be', () => {
  expect(joinChoices(['adam', 'a b', '1'])).toBe("adam,'a b','1'")
})
