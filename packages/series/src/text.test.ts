import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeText, encodeText } from './text.ts'

it('any string comes back, and is stored without NUL and half characters', () => {
  const part = fc.constantFrom('a', '\\', '\0', '0', 'u', '\ud800', '\udc00', 'd800', '🚂', 'é', '')
  fc.assert(
    fc.property(
      fc.array(part).map((parts) => parts.join('')),
      (text) => {
        expect(decodeText(encodeText(text))).toBe(text)
        expect(encodeText(text)).not.toContain('\0')
        expect(encodeText(text).isWellFormed()).toBe(true)
      },
    ),
  )
})

it('ordinary names are stored as they are', () => {
  expect(encodeText("val/loss 'größer' 🚂")).toBe("val/loss 'größer' 🚂")
})
