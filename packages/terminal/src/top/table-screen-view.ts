/** The first screen: table, log panel, summary. The table has as much room as it needs, the log what is left. */
import { chooseRows } from './arrange-rows.ts'
import { type Keys, listActionKeys, viewFoot, viewHeader } from './frame-view.ts'
import { viewLogPanel } from './log-panel-view.ts'
import { findRow, type ScreenState } from './screen-state.ts'
import { joinParts, type Line, measureLine } from './styled-line.ts'
import { sumRows } from './sum-rows.ts'
import { countTableLines, viewSum, viewTable } from './table-view.ts'

type Size = { cols: number; rows: number }

/** A log that is shorter says nothing. */
const logMin = 4
/** Of a long table, the log takes so much at most. */
const logShare = 0.35

/** Header, table, log, summary, keys; on a low screen what is least needed is left out. */
export function viewTableScreen(state: ScreenState, { cols, rows }: Size, now: number): Line[] {
  const header = viewHeader(state, cols, now).slice(0, Math.max(1, rows - 2))
  const keys = [...tableKeys, ...listActionKeys(state, findRow(state, state.selectedId))]
  const foot = rows >= 6 || needsFoot(state) ? [viewFoot(state, keys, { cols, now })] : []
  const summary = rows >= 10 && state.rows !== null ? viewSummary(state, cols) : []
  const room = rows - header.length - foot.length - summary.length
  const table = viewTable(state, { cols, rows: shareRoom(room, countTableLines(state)) }, now)
  const log = viewLogPanel(state, { cols, rows: room - table.length })
  const space = Array.from({ length: Math.max(0, room - table.length - log.length) }, (): Line => [])
  return [...header, ...table, ...log, ...space, ...summary, ...foot].slice(-rows)
}

const tableKeys: Keys = [
  ['?', 'help'],
  ['q', 'quit'],
  ['↑↓', 'move'],
  ['⏎', 'detail'],
  ['l', 'log'],
  ['/', 'filter'],
  ['s', 'sort'],
  ['g', 'group'],
  ['p', 'pause'],
  ['r', 'refresh'],
  ['c', 'clear'],
]

/** A question stands even where there is no room for keys. */
function needsFoot({ confirm, typing }: ScreenState): boolean {
  return confirm !== null || typing !== null
}

function shareRoom(room: number, wanted: number): number {
  if (wanted <= room - logMin) return wanted
  if (room < 8) return room
  return Math.min(wanted, Math.max(room - Math.max(logMin, Math.floor(room * logShare)), 3))
}

/** Of the rows that the filter leaves. In two lines where one is too short. */
function viewSummary(state: ScreenState, cols: number): Line[] {
  const parts = viewSum(sumRows(chooseRows(state)))
  const all = joinParts(parts, Number.POSITIVE_INFINITY)
  if (measureLine(all) <= cols) return [all]
  const first = joinParts(parts, cols)
  const used = Math.ceil(first.length / 2)
  return [first, joinParts(parts.slice(used), cols)]
}
