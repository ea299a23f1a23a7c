import type { InstanceStatus } from '@pilothouse/contract'
import { SignFrame } from '../ui/state-sign.tsx'
import { statusWords } from './instance-words.ts'

const tones: Record<InstanceStatus, string> = {
  created: 'text-muted',
  loading: 'text-warn',
  running: 'text-accent',
  stopped: 'text-muted',
  exited: 'text-bad',
  offline: 'text-bad',
  gone: 'text-muted',
  unknown: 'text-muted',
}

/** How a machine is: a sign and a word. */
export function InstanceSign({ status, raw }: { status: InstanceStatus; raw: string | null }) {
  return (
    <span
      {...(raw === null ? {} : { title: `its provider says «${raw}»` })}
      className={`inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap ${tones[status]}`}
    >
      <SignFrame>{shapeOf(status)}</SignFrame>
      {statusWords[status]}
    </span>
  )
}

function shapeOf(status: InstanceStatus) {
  switch (status) {
    case 'running':
      return <circle cx="7" cy="7" r="3.4" fill="currentColor" />
    case 'created':
      return <circle cx="7" cy="7" r="4.6" />
    case 'loading':
      return <path d="M7 2.4v4.6l3 2M2.4 7a4.6 4.6 0 1 0 4.6-4.6" />
    case 'stopped':
      return <rect x="3.6" y="3.6" width="6.8" height="6.8" />
    case 'exited':
    case 'offline':
      return <path d="M3.6 3.6l6.8 6.8M10.4 3.6l-6.8 6.8" strokeWidth="1.75" />
    case 'gone':
      return <path d="M3 11L11 3M7 2.4a4.6 4.6 0 1 0 0 9.2a4.6 4.6 0 1 0 0-9.2" />
    case 'unknown':
      return <circle cx="7" cy="7" r="4.6" strokeDasharray="2 2.2" />
    default:
      return status satisfies never
  }
}
