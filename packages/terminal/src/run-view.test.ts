import { expect, it } from 'vitest'
import { createPaint } from './paint.ts'
import { type RunEnd, viewRunEnd, viewRunStart } from './run-view.ts'

const paint = createPaint({ enabled: false })
const end: RunEnd = {
  exitCode: 0,
  signal: null,
  durationMs: 4_200,
  lines: 1_234,
  unsent: 0,
  page: 'http://localhost:4080/job/abcd',
}

it('a good end is short', () => {
  expect(viewRunEnd(end, paint)).toBe('✓ completed after 4 s, 1234 lines  http://localhost:4080/job/abcd')
})

it('a bad end names the exit code or the signal', () => {
  expect(viewRunEnd({ ...end, exitCode: 3 }, paint)).toMatch(/^✗ failed with exit code 3 after/)
  expect(viewRunEnd({ ...end, exitCode: null, signal: 'SIGKILL' }, paint)).toMatch(/^✗ ended by SIGKILL after/)
})

it('says what did not reach the server', () => {
  expect(viewRunEnd({ ...end, lines: 1, unsent: 7 }, paint)).toContain('1 line, 7 lines and values did not reach')
})

it('the start shows the page, or that there is none', () => {
  expect(viewRunStart({ uid: 'abcd', page: 'http://localhost:4080/job/abcd' }, paint)).toBe(
    '● abcd  http://localhost:4080/job/abcd',
  )
  expect(viewRunStart({ uid: 'abcd', page: null }, paint)).toContain('does not answer yet')
})
