import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeHarmless } from './harmless-text.ts'

describe('text made harmless', () => {
  it('keeps colours and closes them', () => {
    expect(makeHarmless('\u001B[31mred', { colours: true })).toBe('\u001B[31mred\u001B[0m')
  })

  it('drops colours where none are wanted', () => {
    expect(makeHarmless('\u001B[1;31mred\u001B[0m and plain', { colours: false })).toBe('red and plain')
  })

  it.each([
    ['a window title', 'a\u001B]0;owned\u0007b'],
    ['a title ended by ST', 'a\u001B]0;owned\u001B\\b'],
    ['clearing the screen', 'a\u001B[2J\u001B[Hb'],
    ['writing to the clipboard', 'a\u001B]52;c;b3duZWQ=\u0007b'],
    ['a full reset', 'a\u001Bcb'],
    ['a device string', 'a\u001BPq#0\u001B\\b'],
  ])('drops %s', (_what, text) => {
    expect(makeHarmless(text, { colours: true })).toBe('ab')
  })

  it('shows pictures in the place of single controls', () => {
    expect(makeHarmless('a\u0007\b\rb', { colours: true })).toBe('a␇␈␍b')
  })

  it('is not fooled by a colour inside a string', () => {
    expect(makeHarmless('a\u001B]0;\u001B[31mowned\u0007', { colours: true })).toBe('a\u001B[31mowned␇\u001B[0m')
  })

  it('keeps tabs, accents and emoji', () => {
    expect(makeHarmless('ä\t😀 日本', { colours: true })).toBe('ä\t😀 日本')
  })

  it('leaves no control code but colours, whatever comes in', () => {
    const pieces = fc.constantFrom(
      '\u001B',
      '[',
      ']',
      '\u009B',
      '2J',
      '31m',
      ';',
      '\u0007',
      '\\',
      'P',
      'x',
      ' ',
      '\r',
      '\n',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const left = makeHarmless(parts.join(''), { colours: true }).replaceAll(/\u001B\[[\d;:]*m/g, '')
        expect(left).not.toMatch(/[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/)
      }),
    )
  })
})
