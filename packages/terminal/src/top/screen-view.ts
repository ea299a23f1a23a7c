import { viewDetailScreen } from './detail-view.ts'
import { viewLongFoot } from './frame-view.ts'
import { viewHelpScreen } from './help-view.ts'
import { viewLogScreen } from './log-screen-view.ts'
import type { ScreenState } from './screen-state.ts'
import type { Line } from './styled-line.ts'
import { viewTableScreen } from './table-screen-view.ts'

/** The screen as `rows` lines at most. Pure: the same state, size and time give the same lines. */
export function viewScreen(state: ScreenState, size: Size, now: number): Line[] {
  const lines = viewOne(state, size, now)
  const foot = viewLongFoot(state, { ...size, now })
  return foot === null ? lines : [...lines.slice(0, Math.max(0, size.rows - foot.length)), ...foot]
}

type Size = { cols: number; rows: number }

function viewOne(state: ScreenState, size: Size, now: number): Line[] {
  switch (state.screen) {
    case 'table':
      return viewTableScreen(state, size, now)
    case 'detail':
      return viewDetailScreen(state, size, now)
    case 'log':
      return viewLogScreen(state, size, now)
    case 'help':
      return viewHelpScreen(state, size, now)
    default:
      return state.screen satisfies never
  }
}
