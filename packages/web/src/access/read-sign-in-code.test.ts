import { expect, test } from 'vitest'
import { readSignInCode } from './read-sign-in-code.ts'

test.each([
  ['http://127.0.0.1:4080/sign-in#code=abc', 'abc'],
  ['  see http://x/sign-in#code=abc and more', 'abc'],
  ['#code=abc', 'abc'],
  ['http://x/sign-in?code=abc', undefined],
  ['', undefined],
])('the code in «%s» is %s', (text, code) => {
  expect(readSignInCode(text)).toBe(code)
})
