/** Where the open log is looked at. */
import { countLogRoom, readLog } from './log-screen-view.ts'
import type { ScreenState } from './screen-state.ts'

type Around = { cols: number; rows: number; now: number }

/** Scrolls by lines, up into the past; it stops at both ends. */
export function scrollLog(state: ScreenState, by: number, around: Around): ScreenState {
  const last = Math.max(0, readLog(state).length - countLogRoom(state, around, around.now))
  return { ...state, log: { ...state.log, up: Math.min(last, Math.max(0, state.log.up + by)) } }
}

/** `step` −1 looks at older lines; `here` counts the lowest line that is shown, too. */
type Search = { step: 1 | -1; from: 'here' | 'next' }

/** Puts the next line that holds what is searched for at the lower edge: `step` −1 looks at older lines. */
export function findInLog(state: ScreenState, { step, from }: Search, around: Around): ScreenState {
  const wanted = state.log.search.toLowerCase()
  if (wanted === '') return state
  const lines = readLog(state)
  const start = lines.length - 1 - state.log.up + (from === 'next' ? step : 0)
  for (let at = start; at >= 0 && at < lines.length; at += step) {
    if (lines[at]?.text.toLowerCase().includes(wanted)) {
      return { ...state, log: { ...state.log, up: lines.length - 1 - at } }
    }
  }
  const text = `No ${step === -1 ? 'older' : 'newer'} line holds «${state.log.search}».`
  return { ...state, message: { text, level: 'info', at: around.now } }
}
