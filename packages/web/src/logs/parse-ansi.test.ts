import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAnsi, readPlainText } from './parse-ansi.ts'

const escape = '\u001b'

test('colours become styles and everything else that a terminal obeys is dropped', () => {
  const line = `${escape}]0;title\u0007${escape}[31;1mred${escape}[0m${escape}[2K plain ${escape}[38;5;208mmany${escape}[39m`
  expect(parseAnsi(line).map(({ text, colour, bold }) => [text, colour, bold])).toEqual([
    ['red', 'var(--ansi-1)', true],
    [' plain ', null, false],
    ['many', 'rgb(255 135 0)', false],
  ])
})

test('true colours and grounds are read', () => {
  const [span] = parseAnsi(`${escape}[38;2;1;2;3;44mx`)
  expect(span).toMatchObject({ colour: 'rgb(1 2 3)', ground: expect.stringContaining('--ansi-4') as string })
})

test('links, bells and marks that turn the reading direction leave only their text', () => {
  const line = `${escape}]8;;http://example.org${escape}\\link${escape}]8;;${escape}\\ \u0007\u202edone`
  expect(readPlainText(line)).toBe('link done')
})

test('the text of the spans is the plain text, whatever comes', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(escape, `${escape}[`, `${escape}[31m`, `${escape}]8;;`, '\u0007', '\u009b', ';', 'm'),
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const line = pieces.join('')
      const text = parseAnsi(line).map((span) => span.text)
      expect(text.join('')).toBe(readPlainText(line))
      expect(text.join('')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    }),
  )
})

test('a line without codes is one span', () => {
  expect(parseAnsi('<b>not bold</b>')).toHaveLength(1)
  expect(parseAnsi('')).toEqual([])
})
