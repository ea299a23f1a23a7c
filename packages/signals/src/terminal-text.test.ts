import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collapseCarriageReturns, sanitizeForTerminal, stripAnsi } from './terminal-text.ts'
import { cpuTimeMs } from './test-cpu-time.ts'

test('colours, cursor movements, titles and links are taken away', () => {
  expect(stripAnsi('\u001b[1;31mred\u001b[0m text')).toBe('red text')
  expect(stripAnsi('\u001b[38;2;1;2;3mtrue\u001b[K\u001b[2Acolour')).toBe('truecolour')
  expect(stripAnsi('\u001b]0;title\u0007after')).toBe('after')
  expect(stripAnsi('\u001b]8;;https://example.org\u001b\\link\u001b]8;;\u001b\\')).toBe('link')
  expect(stripAnsi('\u001bP1;2|hidden\u001b\\shown')).toBe('shown')
  expect(stripAnsi('\u001b(Bplain\u001b')).toBe('plain')
})

test('text without escapes is returned as it is', () => {
  expect(stripAnsi('Größe 50 % 🙂')).toBe('Größe 50 % 🙂')
})

test('of a progress bar the last state stays', () => {
  expect(collapseCarriageReturns('  0%|   | 0/3\r 33%|█  | 1/3\r 67%|██ | 2/3')).toBe(' 67%|██ | 2/3')
  expect(collapseCarriageReturns('50%\r100%\r')).toBe('100%')
  expect(collapseCarriageReturns('\r')).toBe('')
})

test('lines are collapsed one by one and Windows line ends vanish', () => {
  expect(collapseCarriageReturns('one\r\na\rb\r\nthree')).toBe('one\nb\nthree')
})

test('what could steer a terminal is replaced by pictures', () => {
  expect(sanitizeForTerminal('a\u0007b\u0008c\u009bd\u007f')).toBe('a\u2407b\u2408c\ufffdd\u2421')
  expect(sanitizeForTerminal('x\ty')).toBe('x    y')
  expect(sanitizeForTerminal('abc\u202edef\u2066')).toBe('abcdef')
})

test('no text whatsoever brings a control character into the terminal', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)) }),
      (text) => {
        for (const character of sanitizeForTerminal(text)) {
          const code = character.charCodeAt(0)
          expect(code >= 32 && !(code >= 127 && code < 160)).toBe(true)
        }
      },
    ),
  )
})

test('a megabyte of half-finished escapes is read in bounded time', () => {
  const started = cpuTimeMs()
  stripAnsi('\u001b['.repeat(500_000))
  stripAnsi(`\u001b[${'0;'.repeat(500_000)}`)
  stripAnsi(`\u001b]${'x'.repeat(1_000_000)}`)
  sanitizeForTerminal('\u001b]'.repeat(500_000))
  collapseCarriageReturns('\r'.repeat(1_000_000))
  expect(cpuTimeMs() - started).toBeLessThan(2_000)
})
