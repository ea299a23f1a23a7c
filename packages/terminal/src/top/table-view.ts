/** The table of all rows, with heads of groups, and the window of it that fits. */
import { arrangeRows, type Entry, sortsDown } from './arrange-rows.ts'
import { fitText } from './cell-text.ts'
import { formatAmount, formatHourly, formatPercent } from './figures.ts'
import type { ScreenState } from './screen-state.ts'
import { joinParts, type Line, measureLine, say } from './styled-line.ts'
import { type RowsSum, sumRows } from './sum-rows.ts'
import { chooseRole, type Layout, layoutTable, viewPlaced, viewTitle } from './table-columns.ts'
import type { TopRow } from './top-state.ts'

type Size = { cols: number; rows: number }

/** At most `rows` lines: a title, and the rows around the one that is marked. */
export function viewTable(state: ScreenState, { cols, rows }: Size, now: number): Line[] {
  if (rows <= 0) return []
  const entries = arrangeRows(state)
  if (entries.length === 0) return [[say(describeNothing(state), 'dim')]]
  const layout = layoutTable(state.rows ?? [], cols, now)
  const withHead = rows >= 3 || rows > entries.length
  const room = withHead ? rows - 1 : rows
  const shown = cutWindow(entries, room, findSelected(entries, state.selectedId))
  const lines = shown.map((entry) => viewEntry(entry, { state, layout, cols, now }))
  return withHead ? [viewHead(layout, state), ...lines] : lines
}

/** Lines that the whole table would take. */
export function countTableLines(state: ScreenState): number {
  return Math.max(1, arrangeRows(state).length) + 1
}

function describeNothing({ rows, filter, label, trouble }: ScreenState): string {
  if (rows === null) return trouble === null ? `Asking ${label} …` : 'Nothing is known yet.'
  if (filter !== '' && rows.length > 0) return `No match for «${filter}». Esc shows all ${rows.length}.`
  return 'Nothing runs, and nothing is rented.'
}

function findSelected(entries: readonly Entry[], id: string | null): number {
  const at = entries.findIndex((entry) => entry.type === 'row' && entry.row.id === id)
  return Math.max(0, at)
}

/** The marked one in the middle where the table is longer than its room. */
function cutWindow(entries: readonly Entry[], room: number, selected: number): readonly Entry[] {
  const start = Math.max(0, Math.min(selected - Math.floor(room / 2), entries.length - room))
  return entries.slice(start, start + room)
}

function viewHead({ columns, gap }: Layout, { sort }: ScreenState): Line {
  const arrow = sortsDown(sort.key) === sort.reverse ? '↑' : '↓'
  return columns.flatMap((column, at) => [
    say(at === 0 ? '' : gap),
    say(viewTitle(column, column.key === sort.key ? arrow : ''), column.key === sort.key ? 'title' : 'dim'),
  ])
}

type Around = { state: ScreenState; layout: Layout; cols: number; now: number }

function viewEntry(entry: Entry, { state, layout, cols, now }: Around): Line {
  if (entry.type === 'head') return viewGroup(entry.name, entry.rows, cols)
  const line = viewRow(entry.row, layout, now)
  if (entry.row.id !== state.selectedId) return line
  const text = line.map((segment) => segment.text).join('')
  return [say(text + ' '.repeat(Math.max(0, cols - measureLine(line))), 'selected')]
}

function viewRow(row: TopRow, layout: Layout, now: number): Line {
  return layout.columns.flatMap((column, at) => [
    say(at === 0 ? '' : layout.gap),
    say(viewPlaced(row, column, layout, now), chooseRole(row, column)),
  ])
}

function viewGroup(name: string, rows: readonly TopRow[], cols: number): Line {
  const sum = sumRows(rows)
  const title = [say('▸ ', 'dim'), say(fitText(name, Math.min(24, Math.max(8, name.length))).trimEnd(), 'title')]
  return joinParts([title, ...viewSum(sum)], cols)
}

/** What rows come to, part by part: those that run, use, money in each currency. */
export function viewSum(sum: RowsSum): Line[] {
  const parts: Line[] = [[say(`${sum.active}/${sum.total} running`)]]
  if (sum.errors > 0) parts.push([say(`✗ ${sum.errors} ${sum.errors === 1 ? 'error' : 'errors'}`, 'error')])
  for (const { currency, cost, isEstimate, perHour, paid } of sum.money) {
    parts.push([say(`${isEstimate ? '≈' : ''}${formatAmount(cost, currency)}`)])
    if (paid > 0) parts.push([say(`${formatHourly(perHour, currency)}/h`)])
    if (paid > 1) parts.push([say(`mean ${formatHourly(perHour / paid, currency)}/h`, 'dim')])
  }
  if (sum.gpuUse !== null) parts.push([say(`GPU ${formatPercent(sum.gpuUse)}%`)])
  if (sum.memoryUse !== null) parts.push([say(`mem ${formatPercent(sum.memoryUse)}%`)])
  return parts
}
