import { expect, it } from 'vitest'
import { viewFailure } from './failure-view.ts'
import { createPaint } from './paint.ts'

const paint = createPaint({ enabled: false })

it('says what, why and what next, each on a line of its own', () => {
  const text = viewFailure(
    { what: 'No control room answers.', why: 'Connection refused.', next: 'Run `pilothouse serve`.' },
    paint,
  )
  expect(text).toBe('pilothouse: No control room answers.\n  Connection refused.\n  → Run `pilothouse serve`.')
})

it('does not repeat itself', () => {
  expect(viewFailure({ what: 'Gone.', why: 'Gone.' }, paint)).toBe('pilothouse: Gone.')
})
