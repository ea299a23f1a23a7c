import type { EngineState } from '@pilothouse/contract'
import { SignFrame } from '../ui/state-sign.tsx'

const looks: Record<EngineState, { tone: string; word: string }> = {
  unknown: { tone: 'text-faint', word: 'not looked at yet' },
  healthy: { tone: 'text-good', word: 'healthy' },
  failing: { tone: 'text-bad', word: 'failing' },
  paused: { tone: 'text-warn', word: 'paused' },
}

/** How an engine is. */
export function EngineSign({ state }: { state: EngineState }) {
  const { tone, word } = looks[state]
  return (
    <span className={`inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap ${tone}`}>
      <SignFrame>{shapeOf(state)}</SignFrame>
      {word}
    </span>
  )
}

function shapeOf(state: EngineState) {
  switch (state) {
    case 'healthy':
      return <path d="M3 7.4l2.8 2.8L11 4.4" strokeWidth="1.75" />
    case 'failing':
      return <path d="M3.6 3.6l6.8 6.8M10.4 3.6l-6.8 6.8" strokeWidth="1.75" />
    case 'paused':
      return <path d="M5 3.5v7M9 3.5v7" strokeWidth="2" />
    case 'unknown':
      return <circle cx="7" cy="7" r="4.6" strokeDasharray="2 2.2" />
    default:
      return state satisfies never
  }
}
