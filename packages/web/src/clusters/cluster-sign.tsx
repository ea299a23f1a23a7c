import type { ClusterStatus } from '@pilothouse/contract'
import { SignFrame } from '../ui/state-sign.tsx'

const looks: Record<ClusterStatus['state'], { tone: string; word: string }> = {
  known: { tone: 'text-good', word: 'answers' },
  unknown: { tone: 'text-warn', word: 'does not answer' },
  unread: { tone: 'text-faint', word: 'being asked' },
}

/** Whether a cluster answers. */
export function ClusterSign({ state }: { state: ClusterStatus['state'] }) {
  const { tone, word } = looks[state]
  return (
    <span className={`inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap ${tone}`}>
      <SignFrame>{shapeOf(state)}</SignFrame>
      {word}
    </span>
  )
}

function shapeOf(state: ClusterStatus['state']) {
  switch (state) {
    case 'known':
      return <path d="M3 7.4l2.8 2.8L11 4.4" strokeWidth="1.75" />
    case 'unknown':
      return <path d="M7 3.2v4.4M7 10.4v.2" strokeWidth="1.9" />
    case 'unread':
      return <circle cx="7" cy="7" r="4.6" strokeDasharray="2 2.2" />
    default:
      return state satisfies never
  }
}
