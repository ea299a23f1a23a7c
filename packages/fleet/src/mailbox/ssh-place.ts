import { randomBytes } from 'node:crypto'
import type { SshLink } from '../ssh/ssh-link.ts'
import { SshError } from '../ssh/ssh-error.ts'
import { writeLookScript } from './look-script.ts'
import { type MailboxPlace, mailboxLimits } from './mailbox-place.ts'
import { readLook } from './read-look.ts'

/** A slow line may need long for a full look. */
const exchangeMs = 60_000
/** The look, its last run beyond the bound, and what each archive adds to it. */
const outputBytesMax = mailboxLimits.lookBytesMax * 2

/**
 * Mailboxes below some folders of a machine that a link leads to; each exchange is one round trip.
 * @param roots a function lists the mailboxes themselves, whole paths, and is asked at each look: then there may be many
 */
export function makeSshPlace(
  link: Pick<SshLink, 'host' | 'runAgain'>,
  roots: readonly string[] | (() => readonly string[]),
): MailboxPlace {
  return {
    name: link.host,
    async exchange(request, signal) {
      const mark = `look-${randomBytes(12).toString('hex')}`
      const places = typeof roots === 'function' ? { roots: [], mailboxes: roots() } : { roots, mailboxes: [] }
      const script = writeLookScript({ ...request, ...places, mark })
      const limits = { timeoutMs: exchangeMs, outputBytesMax, signal, lane: 'mailboxes' } as const
      const { output, wayMs, workMs } = await link.runAgain(script, limits)
      try {
        const look = readLook(output, mark)
        // Read over there when the script began; its way back is not added, because only an estimate is known of that, and
        // a clock that seems late is corrected by the next report, one that seems early is believed.
        const clockMs = look.clockMs === null ? null : look.clockMs + workMs
        return { ...look, clockMs, wayMs }
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause)
        throw new SshError(
          'shell',
          `The shell of ${link.host} does not list mailboxes as it should: ${why}.`,
          'find, awk, wc, tar and date must be there, as POSIX has them.',
          { cause },
        )
      }
    },
  }
}
