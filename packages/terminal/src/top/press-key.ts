/** What a key does: the state after it, and what the session is to do in the world. */
import { arrangeRows } from './arrange-rows.ts'
import { showRows } from './apply-update.ts'
import { cleanText, splitClusters } from './cell-text.ts'
import type { KeyEvent } from './decode-keys.ts'
import { countDetailLines } from './detail-view.ts'
import { nameRow } from './frame-view.ts'
import { findInLog, scrollLog } from './log-moves.ts'
import { countLogRoom } from './log-screen-view.ts'
import { findRow, type Grouping, type ScreenState, sortKeys, topOfLog } from './screen-state.ts'
import type { TopAction } from './top-state.ts'

export type Effect =
  | { type: 'quit' }
  | { type: 'refresh' }
  | { type: 'redraw' }
  | { type: 'suspend' }
  | { type: 'watch'; rowId: string | null }
  | { type: 'act'; rowId: string; action: TopAction }
export type Around = { cols: number; rows: number; now: number }
type Outcome = { state: ScreenState; effects: readonly Effect[] }

const typedMax = 200
const shiftCells = 20
const groupings: readonly Grouping[] = ['none', 'group', 'target', 'owner', 'configured']

/** Applies one key, or a paste, which only counts where somebody types. */
export function pressKey(state: ScreenState, event: KeyEvent, around: Around): Outcome {
  if (event.type === 'paste') return stay(state.typing === null ? state : typeText(state, event.text))
  if (event.key === 'ctrl-c') return { state, effects: [{ type: 'quit' }] }
  if (event.key === 'ctrl-z') return { state, effects: [{ type: 'suspend' }] }
  if (event.key === 'ctrl-l') return { state, effects: [{ type: 'redraw' }] }
  if (state.confirm !== null) return answer(state, event.key)
  const quiet = state.message === null ? state : { ...state, message: null }
  if (quiet.typing !== null) return stay(pressTyping(quiet, event.key, around))
  return pressCommand(quiet, event.key, around)
}

function stay(state: ScreenState): Outcome {
  return { state, effects: [] }
}

/** Only `y` does it. */
function answer(state: ScreenState, key: string): Outcome {
  const asked = state.confirm
  const next = { ...state, confirm: null }
  return asked !== null && key === 'y' ? { state: next, effects: [{ type: 'act', ...asked }] } : stay(next)
}

function pressTyping(state: ScreenState, key: string, around: Around): ScreenState {
  const typing = state.typing
  if (typing === null) return state
  switch (key) {
    case 'enter':
      return { ...state, typing: null }
    case 'escape':
      return { ...keepTyped(state, ''), typing: null }
    case 'backspace':
      return keepTyped(state, dropLast(typing.text))
    case 'ctrl-u':
      return keepTyped(state, '')
    case 'up':
    case 'down':
      return typing.into === 'filter' ? moveRow(state, key === 'up' ? -1 : 1) : state
    default: {
      const typed = isCharacter(key) ? typeText(state, key) : state
      return typing.into === 'search' ? findInLog(typed, { step: -1, from: 'here' }, around) : typed
    }
  }
}

/** Keys that are no character have names of several letters. */
function isCharacter(key: string): boolean {
  return String.fromCodePoint(key.codePointAt(0) ?? 0) === key
}

function dropLast(text: string): string {
  const clusters = Array.from(splitClusters(text), ({ cluster }) => cluster)
  return clusters.slice(0, -1).join('')
}

function typeText(state: ScreenState, text: string): ScreenState {
  const firstLine = cleanText(text.split(/[\r\n]/)[0] ?? '')
  return keepTyped(state, ((state.typing?.text ?? '') + firstLine).slice(0, typedMax))
}

/** What is typed acts at once. */
function keepTyped(state: ScreenState, text: string): ScreenState {
  if (state.typing === null) return state
  const typing = { ...state.typing, text }
  if (typing.into === 'search') return { ...state, typing, log: { ...state.log, search: text } }
  return selectShown({ ...state, typing, filter: text })
}

function pressCommand(state: ScreenState, key: string, around: Around): Outcome {
  if (state.screen === 'help') return stay({ ...state, screen: state.screenBefore })
  const everywhere = pressAnywhere(state, key, around.now)
  if (everywhere !== null) return everywhere
  switch (state.screen) {
    case 'table':
      return pressTable(state, key, around)
    case 'detail':
      return pressDetail(state, key, around)
    case 'log':
      return pressLog(state, key, around)
    default:
      return state.screen satisfies never
  }
}

/** Keys that mean the same on all screens but help; null: it is none of them. */
function pressAnywhere(state: ScreenState, key: string, now: number): Outcome | null {
  switch (key) {
    case 'q':
      return { state, effects: [{ type: 'quit' }] }
    case '?':
      return stay({ ...state, screen: 'help', screenBefore: state.screen })
    case 'r':
      return { state, effects: [{ type: 'refresh' }] }
    case 'p':
      return stay(togglePause(state))
    case 'c':
      return stay({ ...state, lines: clearLines(state), log: { ...state.log, up: 0 } })
    case 'x':
      return stay(ask(state, 'stop', now))
    case 'C':
      return stay(ask(state, 'checkpoint', now))
    case 'P':
      return stay(ask(state, readPauseAction(state), now))
    default:
      return null
  }
}

function pressTable(state: ScreenState, key: string, { rows, now }: Around): Outcome {
  const page = Math.max(1, Math.floor(rows / 2))
  switch (key) {
    case 'up':
    case 'k':
      return stay(moveRow(state, -1))
    case 'down':
    case 'j':
      return stay(moveRow(state, 1))
    case 'pageup':
      return stay(moveRow(state, -page))
    case 'pagedown':
    case ' ':
      return stay(moveRow(state, page))
    case 'home':
      return stay(moveRow(state, Number.NEGATIVE_INFINITY))
    case 'end':
    case 'G':
      return stay(moveRow(state, Number.POSITIVE_INFINITY))
    case 'enter':
      return open(state, 'detail', now)
    case 'l':
      return open(state, 'log', now)
    case '/':
      return stay({ ...state, typing: { into: 'filter', text: state.filter } })
    case 'escape':
      return stay(selectShown({ ...state, filter: '' }))
    case 's':
      return stay({ ...state, sort: { ...state.sort, key: follow(sortKeys, state.sort.key) } })
    case 'S':
      return stay({ ...state, sort: { ...state.sort, reverse: !state.sort.reverse } })
    case 'g':
      return stay(changeGrouping(state))
    default:
      return stay(state)
  }
}

function pressDetail(state: ScreenState, key: string, around: Around): Outcome {
  switch (key) {
    case 'escape':
    case 'backspace':
    case 'enter':
      return close(state)
    case 'up':
    case 'k':
      return stay(scrollDetail(state, -1, around))
    case 'down':
    case 'j':
      return stay(scrollDetail(state, 1, around))
    case 'pageup':
      return stay(scrollDetail(state, -around.rows, around))
    case 'pagedown':
    case ' ':
      return stay(scrollDetail(state, around.rows, around))
    case 'left':
      return open(moveRow(state, -1), 'detail', around.now)
    case 'right':
      return open(moveRow(state, 1), 'detail', around.now)
    case 'l':
      return open(state, 'log', around.now)
    default:
      return stay(state)
  }
}

function pressLog(state: ScreenState, key: string, around: Around): Outcome {
  const page = Math.max(1, countLogRoom(state, around, around.now) - 1)
  switch (key) {
    case 'escape':
      return state.log.search === '' ? close(state) : stay({ ...state, log: { ...state.log, search: '' } })
    case 'l':
    case 'backspace':
      return close(state)
    case 'up':
    case 'k':
      return stay(scrollLog(state, 1, around))
    case 'down':
    case 'j':
      return stay(scrollLog(state, -1, around))
    case 'pageup':
      return stay(scrollLog(state, page, around))
    case 'pagedown':
    case ' ':
      return stay(scrollLog(state, -page, around))
    case 'home':
      return stay(scrollLog(state, Number.POSITIVE_INFINITY, around))
    case 'end':
    case 'G':
    case 'f':
      return stay({ ...state, log: { ...state.log, up: 0 } })
    case 'left':
      return stay({ ...state, log: { ...state.log, across: Math.max(0, state.log.across - shiftCells) } })
    case 'right':
      return stay({ ...state, log: { ...state.log, across: Math.min(1_000, state.log.across + shiftCells) } })
    case '/':
      return stay({ ...state, typing: { into: 'search', text: '' }, log: { ...state.log, search: '' } })
    case 'n':
      return stay(findInLog(state, { step: -1, from: 'next' }, around))
    case 'N':
      return stay(findInLog(state, { step: 1, from: 'next' }, around))
    default:
      return stay(state)
  }
}

function open(state: ScreenState, screen: 'detail' | 'log', now: number): Outcome {
  const rowId = state.screen === 'table' || screen === 'detail' ? state.selectedId : state.watched
  if (rowId === null) return stay({ ...state, message: { text: 'There is no row to open.', level: 'info', at: now } })
  const next = { ...state, screen, watched: rowId, detailScroll: 0, log: topOfLog }
  return { state: next, effects: state.watched === rowId ? [] : [{ type: 'watch', rowId }] }
}

function close(state: ScreenState): Outcome {
  const next: ScreenState = { ...state, screen: 'table', watched: null, details: null, detailScroll: 0, log: topOfLog }
  return { state: next, effects: [{ type: 'watch', rowId: null }] }
}

/** Of all rows on the table, of the open one elsewhere. */
function clearLines({ screen, lines, watched }: ScreenState): ScreenState['lines'] {
  return screen === 'table' ? new Map() : new Map([...lines].filter(([id]) => id !== watched))
}

/** What came in a pause is shown when it ends. */
function togglePause(state: ScreenState): ScreenState {
  const next = { ...state, paused: !state.paused }
  return state.held === null ? next : showRows(next, state.held.rows, state.held.at)
}

function moveRow(state: ScreenState, by: number): ScreenState {
  const ids = listIds(state)
  const from = Math.max(0, ids.indexOf(state.selectedId ?? ''))
  const to = Math.min(ids.length - 1, Math.max(0, from + by))
  return { ...state, selectedId: ids[to] ?? state.selectedId }
}

/** A filter that hides the marked row marks the first one that is left. */
function selectShown(state: ScreenState): ScreenState {
  const ids = listIds(state)
  return ids.includes(state.selectedId ?? '') ? state : { ...state, selectedId: ids[0] ?? state.selectedId }
}

function listIds(state: ScreenState): string[] {
  return arrangeRows(state).flatMap((entry) => (entry.type === 'row' ? [entry.row.id] : []))
}

function changeGrouping(state: ScreenState): ScreenState {
  const offered = state.options.groups.length > 0 ? groupings : groupings.filter((name) => name !== 'configured')
  return { ...state, grouping: follow(offered, state.grouping) }
}

function follow<T>(all: readonly T[], one: T): T {
  return all[(all.indexOf(one) + 1) % all.length] ?? one
}

function scrollDetail(state: ScreenState, by: number, around: Around): ScreenState {
  const last = Math.max(0, countDetailLines(state, around, around.now) - Math.max(1, around.rows - 2))
  return { ...state, detailScroll: Math.min(last, Math.max(0, state.detailScroll + by)) }
}

function readPauseAction(state: ScreenState): TopAction {
  const row = findRow(state, readTarget(state))
  return row?.can.includes('resume') === true ? 'resume' : 'pause'
}

function readTarget(state: ScreenState): string | null {
  return state.screen === 'table' ? state.selectedId : state.watched
}

/** Asks before it acts, or says why it cannot. */
function ask(state: ScreenState, action: TopAction, now: number): ScreenState {
  const row = findRow(state, readTarget(state))
  const refuse = (text: string): ScreenState => ({
    ...state,
    message: { text, level: 'warning', at: now },
  })
  if (row === undefined) return refuse('There is no row to act on.')
  if (state.options.readOnly) return refuse(`Read-only: this screen cannot ${action} ${nameRow(row)}.`)
  if (!row.can.includes(action)) return refuse(`${nameRow(row)} offers no ${action} here.`)
  return { ...state, confirm: { rowId: row.id, action } }
}
