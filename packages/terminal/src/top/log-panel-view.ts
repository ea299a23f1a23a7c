import { chooseRows } from './arrange-rows.ts'
import { cleanText, fitText, measureCells } from './cell-text.ts'
import { formatClock } from './figures.ts'
import type { ScreenState } from './screen-state.ts'
import { type Line, say, viewRule } from './styled-line.ts'
import type { TopLine, TopRow } from './top-state.ts'

const nameWidthMax = 12
const wideCols = 70

/** The newest lines of the rows that are shown, by time, each with the number of its row. */
export function viewLogPanel(state: ScreenState, { cols, rows }: { cols: number; rows: number }): Line[] {
  if (rows < 2) return []
  const shown = chooseRows(state)
  const names = nameRows(shown)
  const newest = shareLines(shown, state.lines, rows - 1)
  const nameOf = ({ rowId }: TopLine): string => names.get(rowId) ?? ''
  const width = Math.min(nameWidthMax, Math.max(0, ...newest.map((line) => measureCells(nameOf(line)))))
  const lines = newest.map((line) => viewPanelLine(line, fitText(nameOf(line), width), cols))
  return [viewRule('Log', cols), ...(lines.length > 0 ? lines : [[say('No lines yet.', 'dim')]])]
}

function viewPanelLine({ at, text }: TopLine, name: string, cols: number): Line {
  const clock = cols >= wideCols ? `${formatClock(at)} ` : ''
  return [say(name, 'accent'), say(' │ ', 'dim'), say(clock, 'dim'), say(text)]
}

/** As the table knows them when it is narrow: a machine by its number, a job by its name, unless others have the same. */
function nameRows(rows: readonly TopRow[]): ReadonlyMap<string, string> {
  const called = Map.groupBy(rows, ({ name }) => name)
  return new Map(
    rows.map(({ id, shortId, name, kind }) => [
      id,
      cleanText(kind === 'job' && called.get(name)?.length === 1 ? name : shortId),
    ]),
  )
}

/**
 * So many lines, by time: of each row that is active equally many of its newest, as long as it has any, so that one that prints
 * much takes nobody's place; what is left goes to the others.
 */
function shareLines(rows: readonly TopRow[], lines: ScreenState['lines'], room: number): TopLine[] {
  const [active, others] = [rows.filter(({ isActive }) => isActive), rows.filter(({ isActive }) => !isActive)]
  const chosen: TopLine[] = []
  for (const part of [active, others]) {
    const kept = part.map(({ id }) => lines.get(id) ?? []).filter((list) => list.length > 0)
    const longest = Math.max(0, ...kept.map((list) => list.length))
    for (let back = 1; back <= longest && chosen.length < room; back += 1) {
      const next = kept.map((list) => list.at(-back)).filter((line) => line !== undefined)
      chosen.push(...next.toSorted((a, b) => b.at - a.at).slice(0, room - chosen.length))
    }
  }
  return inOrder(chosen, lines)
}

/** By time; what has the same time as it was told. */
function inOrder(chosen: readonly TopLine[], lines: ScreenState['lines']): TopLine[] {
  const picked = new Set(chosen)
  const ids = new Set(chosen.map(({ rowId }) => rowId))
  return [...ids]
    .flatMap((id) => (lines.get(id) ?? []).filter((line) => picked.has(line)))
    .toSorted((a, b) => a.at - b.at)
}
