import type { ReactNode } from 'react'
import type { JobState, StageState } from '@pilothouse/contract'

const tones: Record<JobState, string> = {
  queued: 'text-faint',
  submitting: 'text-faint',
  pending: 'text-warn',
  running: 'text-accent',
  paused: 'text-warn',
  completed: 'text-good',
  failed: 'text-bad',
  cancelled: 'text-faint',
  lost: 'text-faint',
}

/** Sign and word of a state: each state has its own shape, so that colour is never needed. */
export function StateSign({ state, word = true }: { state: JobState; word?: boolean }) {
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${tones[state]}`}>
      <SignFrame>{shapeOf(state)}</SignFrame>
      {word ? <span>{state}</span> : <span className="sr-only">{state}</span>}
    </span>
  )
}

const stageTones: Record<StageState, string> = {
  pending: 'text-faint',
  active: 'text-accent',
  completed: 'text-good',
  failed: 'text-bad',
  skipped: 'text-faint',
}

export function StageSign({ state }: { state: StageState }) {
  const shapes: Record<StageState, JobState> = {
    pending: 'queued',
    active: 'running',
    completed: 'completed',
    failed: 'failed',
    skipped: 'cancelled',
  }
  return (
    <span className={`inline-flex ${stageTones[state]}`}>
      <SignFrame>{shapeOf(shapes[state])}</SignFrame>
      <span className="sr-only">{state}</span>
    </span>
  )
}

/** The square that every sign is drawn in, in the colour of the text around it. */
export function SignFrame({ children }: { children: ReactNode }) {
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 14 14"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      className="shrink-0"
    >
      {children}
    </svg>
  )
}

function shapeOf(state: JobState): ReactNode {
  switch (state) {
    case 'running':
      return <circle cx="7" cy="7" r="4" fill="currentColor" stroke="none" />
    case 'completed':
      return <path d="M3 7.4l2.8 2.8L11 4.4" strokeWidth="1.75" />
    case 'failed':
      return <path d="M3.6 3.6l6.8 6.8M10.4 3.6l-6.8 6.8" strokeWidth="1.75" />
    case 'paused':
      return <path d="M5 3.5v7M9 3.5v7" strokeWidth="2" />
    case 'pending':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" />
          <path d="M7 4.6V7l1.6 1.2" />
        </>
      )
    case 'submitting':
      return <path d="M7 11V3.4M3.9 6.4L7 3.3l3.1 3.1" />
    case 'queued':
      return <circle cx="7" cy="7" r="4" />
    case 'cancelled':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" />
          <path d="M3.9 10.1l6.2-6.2" />
        </>
      )
    case 'lost':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" strokeDasharray="2 2.2" />
          <path d="M3.9 10.1l6.2-6.2" />
        </>
      )
    default:
      return state satisfies never
  }
}
