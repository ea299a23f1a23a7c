import type { TokenInfo } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { createPaint } from './paint.ts'
import { viewTokens } from './tokens-view.ts'

const token: TokenInfo = {
  id: 7,
  name: 'laptop',
  role: 'viewer',
  member: { id: 1, name: 'admin' },
  job: null,
  createdAt: 0,
  expiresAt: null,
  revokedAt: null,
}

it('a token is never, in some time, expired or revoked', () => {
  const tokens = [token, { ...token, expiresAt: 3_690_000 }, { ...token, expiresAt: 10 }, { ...token, revokedAt: 10 }]
  const lines = viewTokens(tokens, { paint: createPaint({ enabled: false }), width: 80, now: 90_000 })
  expect(lines).toEqual([
    'ID  NAME    ROLE    MADE     ENDS',
    ' 7  laptop  viewer  1 m ago  never',
    ' 7  laptop  viewer  1 m ago  in 1 h',
    ' 7  laptop  viewer  1 m ago  expired',
    ' 7  laptop  viewer  1 m ago  revoked',
  ])
})
