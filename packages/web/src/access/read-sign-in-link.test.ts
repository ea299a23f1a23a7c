import { expect, it } from 'vitest'
import { readNextPath, readSignInCode } from './read-sign-in-link.ts'

it.each([
  ['http://127.0.0.1:4080/sign-in#code=ph_abc', 'ph_abc'],
  ['  see http://x/sign-in#code=abc and more', 'abc'],
  ['#next=1&code=x', 'x'],
  ['http://x/sign-in?code=abc', undefined],
  ['', undefined],
  ['ph_abc', undefined],
])('finds the code in %s', (text, code) => {
  expect(readSignInCode(text)).toBe(code)
})

it.each([
  ['?next=%2Fjob%2Fabc%3Ftab%3Dlogs', '/job/abc?tab=logs'],
  ['', '/'],
  ['?next=%2F%2Fevil.example', '/'],
  ['?next=%2F%5Cevil.example', '/'],
  ['?next=https%3A%2F%2Fevil.example', '/'],
  ['?next=javascript%3Aalert(1)', '/'],
])('after signing in, %s leads to %s', (search, path) => {
  expect(readNextPath(search)).toBe(path)
})
