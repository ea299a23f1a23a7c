import { PilothouseError } from '@pilothouse/contract/wire'
import type { Failure } from '@pilothouse/terminal'
import { CommandError, type ExitName } from './exit-code.ts'

/** What went wrong in the words of a person, and how a command ends by it. */
export function describeError(error: unknown): Failure & { exit: ExitName } {
  if (error instanceof CommandError) return { exit: error.exit, what: error.message, why: error.why, next: error.next }
  if (error instanceof PilothouseError)
    return {
      exit: chooseExit(error),
      what: error.message,
      why: innermostMessage(error.cause),
      next: error.hint || undefined,
    }
  return {
    exit: 'failed',
    what: error instanceof Error ? error.message : String(error),
    why: innermostMessage(error instanceof Error ? error.cause : undefined),
  }
}

function chooseExit(error: PilothouseError): ExitName {
  switch (error.status) {
    case 401:
    case 403:
      return 'refused'
    case 404:
      return 'notFound'
    case 503:
      return 'noServer'
    default:
      return 'failed'
  }
}

/** «fetch failed» hides its reason one or two causes below. */
function innermostMessage(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  return innermostMessage(cause.cause) ?? (cause.message || undefined)
}
