/** What stands around every screen: the head with source and time, and the foot with keys, questions and messages. */
import { cleanText, cutText } from './cell-text.ts'
import { formatClock, formatSpan } from './figures.ts'
import { findRow, readMessage, type ScreenState } from './screen-state.ts'
import { joinParts, type Line, measureLine, type Role, say, type Segment, spread, wrapLine } from './styled-line.ts'
import { topActions, type TopRow } from './top-state.ts'

/** Source, interval and what is switched; below it, trouble with the age of what is shown. */
export function viewHeader(state: ScreenState, cols: number, now: number): Line[] {
  const clock = [say(formatClock(now), 'dim')]
  const switched = measureLine(joinParts(listSwitched(state), Number.POSITIVE_INFINITY))
  const left = viewHeaderLeft(state, cols >= clockCols && switched <= cols - 10 ? cols - 10 : cols)
  return [spread(left, clock, cols), ...viewTrouble(state, cols, now)]
}

/** On a narrower screen there is no clock. */
const clockCols = 30
/** Less of a source's name says nothing. */
const labelMin = 8
const filterMax = 24
const troubleLinesMax = 3

/** What is switched must be known: else a paused screen looks dead, and a filtered one empty. The name of the source gives way, then the title. */
function viewHeaderLeft(state: ScreenState, room: number): Line {
  const { label, options } = state
  const switched = listSwitched(state)
  const title = say(cutText(cleanText(options.title ?? 'pilothouse'), room), 'title')
  const needed = measureLine(joinParts([[title], ...switched], Number.POSITIVE_INFINITY))
  if (needed > room && switched.length > 0) return joinParts(switched, room)
  const kept = cutText(cleanText(label), room - needed - 1)
  const named = kept.length < Math.min(labelMin, label.length) ? [title] : [title, say(' '), say(kept, 'accent')]
  return joinParts([named, ...switched, [say(`every ${formatSpan(options.intervalMs)}`, 'dim')]], room)
}

function listSwitched(state: ScreenState): Line[] {
  const { options, paused, sort, filter, grouping, held } = state
  const parts: Line[] = []
  if (paused) parts.push([say(held === null ? '‖ paused' : '‖ paused, newer waits', 'warning')])
  if (filter !== '') parts.push([say(`filter «${cutText(cleanText(filter), filterMax)}»`, 'accent')])
  if (options.readOnly) parts.push([say('read-only', 'warning')])
  if (sort.key !== 'source') parts.push([say(`by ${sort.key}${sort.reverse ? ' reversed' : ''}`)])
  else if (sort.reverse) parts.push([say('reversed')])
  if (grouping !== 'none') parts.push([say(`grouped by ${nameGrouping(state)}`)])
  return parts
}

/** A group is the project of a job, and the provider of a machine. */
function nameGrouping({ grouping, rows }: ScreenState): string {
  if (grouping === 'configured') return 'your groups'
  if (grouping !== 'group') return grouping
  return (rows ?? []).every(({ kind }) => kind === 'instance') ? 'provider' : 'project'
}

/** For how long, and what; each row says by itself how old it is. */
function viewTrouble({ trouble, rowsAt }: ScreenState, cols: number, now: number): Line[] {
  if (trouble === null) return []
  const since = `for ${formatSpan(Math.max(0, now - trouble.since))}`
  const age = rowsAt === null ? `nothing known yet, ${since}` : since
  return wrapLine([say('▲ ', 'warning'), say(`${age}: `, 'warning'), say(trouble.text)], cols, troubleLinesMax)
}

/** Keys and what they do, the ones that must be known first. */
export type Keys = readonly (readonly [string, string])[]

/** The last line: a question before all else, then what is typed, a message, or the keys. */
export function viewFoot(state: ScreenState, keys: Keys, { cols, now }: { cols: number; now: number }): Line {
  if (state.confirm !== null) return viewQuestion(state)
  if (state.typing !== null) return viewTyping(state.typing)
  const message = readMessage(state, now)
  if (message !== null) return viewMessage(message)
  return viewKeys(keys, cols)
}

const actionKeys = {
  stop: ['x', 'stop'],
  checkpoint: ['C', 'checkpoint'],
  pause: ['P', 'pause it'],
  resume: ['P', 'resume it'],
} as const

/** The keys of what this row can be told; none where nothing may be told. */
export function listActionKeys({ options }: ScreenState, row: TopRow | undefined): Keys {
  if (options.readOnly || row === undefined) return []
  return topActions.filter((action) => row.can.includes(action)).map((action) => actionKeys[action])
}

/** As many as fit whole. */
function viewKeys(keys: Keys, cols: number): Line {
  const line: Segment[] = []
  for (const [key, word] of keys) {
    const next = [say(line.length === 0 ? '' : '  '), say(key, 'bold'), say(` ${word}`, 'dim')]
    if (measureLine([...line, ...next]) > cols) break
    line.push(...next)
  }
  return line
}

function viewQuestion(state: ScreenState): Line {
  const { rowId, action } = state.confirm ?? { rowId: '', action: 'stop' }
  const row = findRow(state, rowId)
  const name = row === undefined ? rowId : nameRow(row)
  return [
    say(` ${action.charAt(0).toUpperCase()}${action.slice(1)} ${name}? `, 'prompt'),
    say(' '),
    say('y', 'bold'),
    say(' yes, any other key no'),
  ]
}

const messageLinesMax = 3

/**
 * A question or a message that the last line has no room for, on several lines, which stand over what is above them; null where
 * one line will do. A question is never cut: on the smallest screen it is put in the fewest words.
 */
export function viewLongFoot(
  state: ScreenState,
  { cols, rows, now }: { cols: number; rows: number; now: number },
): Line[] | null {
  const message = readMessage(state, now)
  if (state.confirm !== null) {
    const asked = viewQuestion(state)
    if (measureLine(asked) <= cols) return null
    const lines = wrapLine(asked.map(trimSegment), cols, rows + 1)
    return lines.length <= rows ? lines : viewShortQuestion(state, cols, rows)
  }
  if (state.typing !== null || message === null || rows < messageRows) return null
  const line = viewMessage(message)
  return measureLine(line) <= cols ? null : wrapLine(line, cols, messageLinesMax)
}

/** On a lower screen a message has its one line. */
const messageRows = 10

function trimSegment({ text, role }: Segment): Segment {
  return { text: `${text.trim()}${role === 'prompt' || role === 'bold' ? ' ' : ''}`, role }
}

/** Its number is enough to know it by. */
function viewShortQuestion(state: ScreenState, cols: number, rows: number): Line[] {
  const { rowId, action } = state.confirm ?? { rowId: '', action: 'stop' }
  const id = findRow(state, rowId)?.shortId ?? rowId
  return wrapLine([say(`${action} ${id} y/n?`, 'prompt')], cols, rows)
}

/** A row as a question or a message names it: both its name and its number. */
export function nameRow({ name, shortId }: { name: string; shortId: string }): string {
  const [clean, id] = [cleanText(name), cleanText(shortId)]
  return clean === '' || clean === id ? id : `${clean} (${id})`
}

function viewTyping({ into, text }: { into: 'filter' | 'search'; text: string }): Line {
  return [say(`${into} `, 'dim'), say(text), say(' ', 'selected'), say('  Enter keeps it, Esc clears it', 'dim')]
}

const messageSigns: Readonly<Record<string, { sign: string; role: Role }>> = {
  info: { sign: '✓', role: 'good' },
  warning: { sign: '▲', role: 'warning' },
  error: { sign: '✗', role: 'error' },
}

function viewMessage({ text, level }: { text: string; level: string }): Line {
  const { sign, role } = messageSigns[level] ?? { sign: '·', role: 'plain' }
  return [say(`${sign} `, role), say(text)]
}
