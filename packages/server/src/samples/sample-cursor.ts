/** Where a page of samples ended: its last step and id. */
import { PilothouseError } from '@pilothouse/contract'

export type SampleCursor = { step: number; id: number }

export function encodeSampleCursor({ step, id }: SampleCursor): string {
  return Buffer.from(JSON.stringify([step, id])).toString('base64url')
}

/**
 * @throws PilothouseError `invalid` when it is no cursor of such a list.
 */
export function decodeSampleCursor(text: string): SampleCursor {
  const [step, id] = parseList(text)
  if (typeof step === 'number' && typeof id === 'number') return { step, id }
  throw new PilothouseError('invalid', 'cursor is none of this list.', {
    field: 'cursor',
    expected: '`next` of the page before',
  })
}

function parseList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
