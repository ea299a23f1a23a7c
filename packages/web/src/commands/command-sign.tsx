import type { ReactNode } from 'react'
import type { CommandState } from '@pilothouse/contract'
import { SignFrame } from '../ui/state-sign.tsx'

const tones: Record<CommandState, string> = {
  created: 'text-warn',
  delivered: 'text-accent',
  applied: 'text-good',
  rejected: 'text-bad',
  failed: 'text-bad',
  expired: 'text-warn',
  superseded: 'text-faint',
}

/** Sign of a command's state; the words stand beside it. */
export function CommandSign({ state }: { state: CommandState }) {
  return (
    <span className={`inline-flex ${tones[state]}`}>
      <SignFrame>{shapeOf(state)}</SignFrame>
    </span>
  )
}

function shapeOf(state: CommandState): ReactNode {
  switch (state) {
    case 'created':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" />
          <path d="M7 4.6V7l1.6 1.2" />
        </>
      )
    case 'delivered':
      return <path d="M3 7h7.4M7.6 3.9L10.7 7l-3.1 3.1" />
    case 'applied':
      return <path d="M3 7.4l2.8 2.8L11 4.4" strokeWidth="1.75" />
    case 'rejected':
    case 'failed':
      return <path d="M3.6 3.6l6.8 6.8M10.4 3.6l-6.8 6.8" strokeWidth="1.75" />
    case 'expired':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" strokeDasharray="2 2.2" />
          <path d="M3.9 10.1l6.2-6.2" />
        </>
      )
    case 'superseded':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" />
          <path d="M3.9 10.1l6.2-6.2" />
        </>
      )
    default:
      return state satisfies never
  }
}
