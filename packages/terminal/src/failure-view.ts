import type { Paint } from './paint.ts'

/** What went wrong, why, and what to do next; each one sentence. */
export type Failure = { what: string; why?: string | undefined; next?: string | undefined }

/** A failure in the words of a person, for standard error. */
export function viewFailure({ what, why, next }: Failure, paint: Paint): string {
  const reason = why === undefined || why === what ? '' : `\n  ${why}`
  const advice = next === undefined ? '' : `\n  ${paint('dim', '→')} ${next}`
  return `${paint('red', 'pilothouse:')} ${what}${reason}${advice}`
}
