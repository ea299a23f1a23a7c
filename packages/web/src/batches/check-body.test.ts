import { expect, it } from 'vitest'
import { checkBody, spreadBody } from './check-body.ts'

it('an object can be sent', () => {
  expect(checkBody('{"model":"qwen","messages":[]}', 1_024)).toBeUndefined()
})

it('what is no object, no JSON, too long or a stream says so', () => {
  expect(checkBody('  ', 1_024)).toBe('The body is empty.')
  expect(checkBody('[1]', 1_024)).toContain('has to be an object')
  expect(checkBody('{"a":', 1_024)).toContain('It is not JSON')
  expect(checkBody(`{"a":"${'ä'.repeat(600)}"}`, 1_024)).toBe('The body is longer than 1 KiB.')
  expect(checkBody('{"stream":true}', 1_024)).toContain('leave «stream» out')
})

it('a body is spread over lines, and broken JSON stays as it is', () => {
  expect(spreadBody('{"a":1}')).toBe('{\n  "a": 1\n}')
  expect(spreadBody('{"a"')).toBe('{"a"')
})
