/** The log of one row on the whole screen. */
import { cleanText, skipCells } from './cell-text.ts'
import { formatClock } from './figures.ts'
import { type Keys, nameRow, viewFoot, viewHeader } from './frame-view.ts'
import { findRow, type ScreenState } from './screen-state.ts'
import { type Line, say, type Segment, viewRule } from './styled-line.ts'
import type { TopLine } from './top-state.ts'

type Size = { cols: number; rows: number }

const wideCols = 60
const keys: Keys = [
  ['Esc', 'back'],
  ['↑↓', 'scroll'],
  ['f', 'follow'],
  ['/', 'search'],
  ['n N', 'next, previous'],
  ['←→', 'shift'],
  ['?', 'help'],
]

/** The lines around the place in the log; it follows unless somebody scrolled. */
export function viewLogScreen(state: ScreenState, { cols, rows }: Size, now: number): Line[] {
  const header = viewHeader(state, cols, now).slice(0, Math.max(1, rows - 3))
  const lines = readLog(state)
  const room = countLogRoom(state, { cols, rows }, now)
  const end = Math.max(Math.min(room, lines.length), lines.length - state.log.up)
  const shown = lines.slice(Math.max(0, end - room), end).map((line) => viewLine(line, state, cols))
  const body = lines.length === 0 ? [[say('No lines yet.', 'dim')]] : shown
  const space = Array.from({ length: Math.max(0, room - body.length) }, (): Line => [])
  return [
    ...header,
    viewTitle(state, { cols, end }),
    ...body.slice(0, room),
    ...space,
    viewFoot(state, keys, { cols, now }),
  ]
}

/** Lines of the log that fit on the screen. */
export function countLogRoom(state: ScreenState, { cols, rows }: Size, now: number): number {
  const header = viewHeader(state, cols, now).slice(0, Math.max(1, rows - 3)).length
  return Math.max(0, rows - header - 2)
}

/** Lines of the open log, the oldest first. */
export function readLog({ lines, watched }: ScreenState): readonly TopLine[] {
  return lines.get(watched ?? '') ?? []
}

function viewTitle(state: ScreenState, { cols, end }: { cols: number; end: number }): Line {
  const row = findRow(state, state.watched)
  const name = row === undefined ? (state.watched ?? '') : nameRow(row)
  const { up, search } = state.log
  const place = up === 0 ? 'follows' : `line ${end} of ${readLog(state).length}`
  return viewRule(`Log of ${name}`, cols, search === '' ? place : `«${search}» · ${place}`)
}

function viewLine({ at, text }: TopLine, { log }: ScreenState, cols: number): Line {
  const clock = cols >= wideCols ? [say(`${formatClock(at)} `, 'dim')] : []
  return [...clock, ...markFound(skipCells(cleanText(text), log.across), log.search)]
}

/** What is searched for stands out. */
function markFound(text: string, search: string): Segment[] {
  if (search === '') return [say(text)]
  const segments: Segment[] = []
  const lower = text.toLowerCase()
  const wanted = search.toLowerCase()
  let from = 0
  // Letters that change their length in lower case would shift what follows.
  for (let at = lower.indexOf(wanted); at >= 0 && lower.length === text.length; at = lower.indexOf(wanted, from)) {
    segments.push(say(text.slice(from, at)), say(text.slice(at, at + wanted.length), 'selected'))
    from = at + wanted.length
  }
  return [...segments, say(text.slice(from))]
}
