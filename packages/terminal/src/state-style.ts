/** How a state looks in a terminal: a sign and a colour beside the word, so that no meaning hangs on colour alone. */
import type { JobState } from '@pilothouse/contract'
import type { PaintStyle } from './paint.ts'

export const stateStyles: Readonly<Record<JobState, { sign: string; style: PaintStyle }>> = {
  queued: { sign: '○', style: 'dim' },
  submitting: { sign: '◌', style: 'dim' },
  pending: { sign: '◔', style: 'yellow' },
  running: { sign: '●', style: 'blue' },
  paused: { sign: '‖', style: 'yellow' },
  completed: { sign: '✓', style: 'green' },
  failed: { sign: '✗', style: 'red' },
  cancelled: { sign: '⊘', style: 'dim' },
  lost: { sign: '?', style: 'magenta' },
}
