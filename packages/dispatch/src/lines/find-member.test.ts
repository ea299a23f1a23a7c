import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findFirstElement, findMember } from './find-member.ts'

function readSpan(text: string, span: { start: number; end: number } | null): unknown {
  return span ? JSON.parse(text.slice(span.start, span.end)) : undefined
}

it('a member is found where JSON.parse finds it', () => {
  const indent = fc.constantFrom(undefined, 1, '\t')
  const name = fc.constantFrom('body', 'model', 'a"b', '\\', 'é', '', '🚂')
  fc.assert(
    fc.property(fc.dictionary(name, fc.jsonValue()), indent, fc.constantFrom('', ' '), (object, space, before) => {
      const text = before + JSON.stringify(object, null, space) + before
      const parsed = JSON.parse(text) as Record<string, unknown> // it was made of one
      for (const key of ['body', 'model', 'a"b', '\\', 'é', '', '🚂']) {
        expect(readSpan(text, findMember(text, key))).toEqual(Object.hasOwn(parsed, key) ? parsed[key] : undefined)
      }
    }),
  )
})

it('of several members of one name the last counts, and an escaped name is the same name', () => {
  const text = '{"model":1,"a":{"model":2},"mod\\u0065l":[3,{"x":"}"}], "b":4}'
  expect(readSpan(text, findMember(text, 'model'))).toEqual([3, { x: '}' }])
})

it('a member of an inner object is found by where that begins', () => {
  const text = '{"model":"outer","body": {"model" : "in\\"ner\\\\"}}'
  const body = findMember(text, 'body')
  expect(readSpan(text, findMember(text, 'model', body?.start))).toBe('in"ner\\')
})

it('the first element of a list is found', () => {
  expect(readSpan('[ {"a":[1]} , 2]', findFirstElement('[ {"a":[1]} , 2]', 0))).toEqual({ a: [1] })
  expect(findFirstElement('[ ]', 0)).toBeNull()
  expect(findFirstElement('"[1]"', 0)).toBeNull()
})
