import type { TokenInfo } from '@pilothouse/contract'
import { formatDuration, formatRelativeTime, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { viewTable } from './table.ts'

const columns = [
  { title: 'ID', align: 'right' },
  { title: 'NAME', elastic: true },
  { title: 'ROLE' },
  { title: 'MADE' },
  { title: 'ENDS' },
] as const

/** The tokens as a table; secrets are not among what the server tells. */
export function viewTokens(
  tokens: readonly TokenInfo[],
  { paint, width, now }: { paint: Paint; width: number; now: number },
): string[] {
  const rows = tokens.map((token) => [
    { text: String(token.id) },
    { text: sanitizeForTerminal(token.name) },
    { text: token.role },
    { text: formatRelativeTime(token.createdAt, now) },
    { text: describeEnd(token, now) },
  ])
  const [head = '', ...lines] = viewTable(columns, rows, width)
  return [paint('dim', head), ...lines]
}

function describeEnd({ revokedAt, expiresAt }: TokenInfo, now: number): string {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt === null) return 'never'
  return expiresAt <= now ? 'expired' : `in ${formatDuration(expiresAt - now)}`
}
