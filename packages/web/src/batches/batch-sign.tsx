import type { ReactNode } from 'react'
import type { BatchStatus } from '@pilothouse/contract'
import { SignFrame } from '../ui/state-sign.tsx'
import { statusWords } from './batch-words.ts'

const tones: Record<BatchStatus, string> = {
  validating: 'text-warn',
  failed: 'text-bad',
  in_progress: 'text-accent',
  finalizing: 'text-accent',
  completed: 'text-good',
  expired: 'text-warn',
  cancelling: 'text-muted',
  cancelled: 'text-muted',
}

/** Sign and word of how a batch stands: each has its own shape, so that colour is never needed. */
export function BatchSign({ status }: { status: BatchStatus }) {
  return (
    <span className={`inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap ${tones[status]}`}>
      <SignFrame>{shapeOf(status)}</SignFrame>
      {statusWords[status]}
    </span>
  )
}

function shapeOf(status: BatchStatus): ReactNode {
  switch (status) {
    case 'validating':
      return <path d="M3 4h8M3 7h5M3 10h3M9.5 9.5l1 1 1.8-2.2" />
    case 'in_progress':
      return <circle cx="7" cy="7" r="4" fill="currentColor" stroke="none" />
    case 'finalizing':
      return <path d="M7 2.8v6M4.2 6.2L7 9l2.8-2.8M3 11.4h8" />
    case 'completed':
      return <path d="M3 7.4l2.8 2.8L11 4.4" strokeWidth="1.75" />
    case 'failed':
      return <path d="M3.6 3.6l6.8 6.8M10.4 3.6l-6.8 6.8" strokeWidth="1.75" />
    case 'expired':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" />
          <path d="M7 4.6V7l1.6 1.2" />
        </>
      )
    case 'cancelling':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" strokeDasharray="2 2.2" />
          <path d="M3.9 10.1l6.2-6.2" />
        </>
      )
    case 'cancelled':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" />
          <path d="M3.9 10.1l6.2-6.2" />
        </>
      )
    default:
      return status satisfies never
  }
}
