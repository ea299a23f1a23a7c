import type { LogLevel, LogLine } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { findErrorLine } from './find-error-line.ts'

const error = { type: 'ValueError', message: 'too small\nby far' }

function linesOf(...lines: readonly (readonly [text: string, level?: LogLevel])[]): LogLine[] {
  return lines.map(([text, level = 'info'], n) => ({ n: n + 10, time: 0, stream: 'stderr', level, text }))
}

it('the line is the last one that has the first line of the message, and no source code', () => {
  const lines = linesOf(
    ['ValueError: too small'],
    ['ValueError: too small'],
    ['    raise ValueError("too small")'],
    ['bye'],
  )
  expect(findErrorLine(lines, error)).toBe(11)
})

it('without the message it is the last of level error that is no frame of a traceback', () => {
  const lines = linesOf(
    ['ERROR: first', 'error'],
    ['ERROR: second', 'error'],
    ['  File "a.py", line 1', 'error'],
    ['bye'],
  )
  expect(findErrorLine(lines, error)).toBe(11)
  expect(findErrorLine(lines, null)).toBe(11)
})

it('a message that is too short, or only tells how the process ended, is not looked for', () => {
  const lines = linesOf(['KeyError: 1', 'error'], ['step 1'])
  expect(findErrorLine(lines, { type: 'KeyError', message: '1' })).toBe(10)
  expect(
    findErrorLine(linesOf(['Ended with exit code 1.']), { type: 'exit', message: 'Ended with exit code 1.' }),
  ).toBeNull()
})

it('a log without errors has no such line', () => {
  expect(findErrorLine(linesOf(['step 1'], ['step 2']), error)).toBeNull()
  expect(findErrorLine([], error)).toBeNull()
})
