import { expect, it } from 'vitest'
import { toStorableText } from './storable-text.ts'

it('text without NUL and half characters stays as it is', () => {
  for (const text of ['', 'loss', 'größer 🚂', '\u0001\t\n']) expect(toStorableText(text)).toBe(text)
})

it('what a database cannot keep becomes the replacement character', () => {
  expect(toStorableText('a\0b\0')).toBe('a\uFFFDb\uFFFD')
  expect(toStorableText('a\ud800b\udc00')).toBe('a\uFFFDb\uFFFD')
})
