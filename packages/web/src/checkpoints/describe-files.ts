/** What is known of the files of a checkpoint, and of its copy, in words. Pure. */
import type { Checkpoint } from '@pilothouse/contract'
import { formatBytes } from '@pilothouse/signals'

/** What the state of its files means, and what to do; undefined where there is nothing to say. */
export function describeFiles({ state, stateReason, hidden, copy }: Checkpoint): string | undefined {
  const back =
    copy?.state === 'copied' ? 'The control room has a copy: going back fetches it.' : 'The job cannot go back to it.'
  switch (state) {
    case 'present':
      if (stateReason !== null) return 'Its files are still there.'
      return hidden === null
        ? undefined
        : 'Whether its files are there and whole is not known until they can be looked at.'
    case 'deleting':
      return 'Its files are still there, and go when that time is over.'
    case 'missing':
      return `Its files are not where they were written: somebody has moved or deleted them. It is fine again once they are put back. ${back}`
    case 'corrupt':
      return `Its files have other bytes than were written. It is fine again once the right ones are put back. ${back}`
    case 'deleted':
      return undefined
    default:
      return state satisfies never
  }
}

export function describeCopy({ copy }: Pick<Checkpoint, 'copy'>): string {
  if (copy === null)
    return 'Its files are only where they were written: a cleaned disk or a machine that is given back takes them along.'
  switch (copy.state) {
    case 'waiting':
      return 'A copy is asked for, and waits for the job to send it.'
    case 'copying':
      return copy.received < copy.bytes
        ? `Being copied to the control room: ${formatBytes(copy.received)} of ${formatBytes(copy.bytes)}.`
        : 'All of it has come; its bytes are being compared.'
    case 'copied':
      return 'The control room has a copy.'
    case 'failed':
      return `It could not be copied: ${copy.reason ?? 'nobody knows why.'}`
    default:
      return copy.state satisfies never
  }
}

/** Why none can be made now, in words; undefined when one can. */
export function refuseCopy({ state }: Checkpoint, refusal: string | null): string | undefined {
  if (state !== 'present') return `it is ${state}.`
  return refusal ?? undefined
}
