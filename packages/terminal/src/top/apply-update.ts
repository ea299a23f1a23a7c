import type { ScreenState } from './screen-state.ts'
import { curvePointsMax, type TopDetail, type TopLine, type TopRow, type TopUpdate } from './top-state.ts'

/** Lines kept of each row for the log panel. */
export const panelLinesMax = 10
/** Lines kept of the row whose log is open. */
export const logLinesMax = 3_000
/** Lines kept of all other rows together. */
const otherLinesMax = 5_000
/** Longer lines are cut: no screen shows more, and a binary line may have megabytes. */
const lineLengthMax = 1_000
/** Rows kept at most. */
const rowsMax = 2_000

/** What the screen knows after its source told something. */
export function applyUpdate(state: ScreenState, update: TopUpdate): ScreenState {
  switch (update.type) {
    case 'rows':
      return applyRows(state, update.rows.slice(0, rowsMax), update.at)
    case 'lines':
      return takeLines(state, update.lines)
    case 'detail':
      return { ...state, details: boundCurves(update.detail) }
    case 'event':
      return { ...state, message: { text: update.text, level: update.level, at: update.at } }
    case 'trouble':
      return { ...state, trouble: readTrouble(state, update.text, update.at) }
    default:
      return update satisfies never
  }
}

/** Trouble counts from its beginning, whatever it is called meanwhile. */
function readTrouble({ trouble }: ScreenState, text: string | null, at: number): ScreenState['trouble'] {
  return text === null ? null : { text, since: trouble?.since ?? at }
}

function applyRows(state: ScreenState, rows: readonly TopRow[], at: number): ScreenState {
  if (state.paused && state.rows !== null) return { ...state, held: { rows, at } }
  return showRows(state, rows, at)
}

/** Rows as they are now. Lines of rows that are gone for good are forgotten, except of the one that is open. */
export function showRows(state: ScreenState, rows: readonly TopRow[], at: number): ScreenState {
  const present = new Set(rows.map(({ id }) => id))
  const lines = [...state.lines].filter(([id]) => present.has(id) || id === state.watched)
  const selected = state.selectedId !== null && present.has(state.selectedId)
  return {
    ...state,
    rows,
    rowsAt: at,
    held: null,
    lines: lines.length === state.lines.size ? state.lines : new Map(lines),
    selectedId: selected ? state.selectedId : (rows[0]?.id ?? null),
  }
}

/** A log that somebody scrolled stays where it is while lines are added below. */
function takeLines(state: ScreenState, added: readonly TopLine[]): ScreenState {
  const lines = addLines(state, added)
  const { watched, log } = state
  const last = state.lines.get(watched ?? '')?.at(-1)
  const now = lines.get(watched ?? '')
  if (log.up === 0 || last === undefined || now === undefined) return { ...state, lines }
  return { ...state, lines, log: { ...log, up: log.up + now.length - 1 - now.lastIndexOf(last) } }
}

function boundCurves(details: TopDetail): TopDetail {
  const curves = details.curves.map((curve) => ({
    ...curve,
    times: curve.times.slice(-curvePointsMax),
    values: curve.values.slice(-curvePointsMax),
  }))
  return { ...details, curves }
}

function addLines(state: ScreenState, lines: readonly TopLine[]): ScreenState['lines'] {
  const next = new Map(state.lines)
  for (const [id, added] of groupByRow(lines)) {
    const max = id === state.watched ? logLinesMax : countKept(next.size)
    next.set(id, appendLines(next.get(id) ?? [], added, max))
  }
  return next
}

/** Some of the past is kept of every row, so that a log that is opened is not empty. */
function countKept(rows: number): number {
  return Math.max(panelLinesMax, Math.floor(otherLinesMax / Math.max(1, rows)))
}

/** What a source tells again, when it begins to watch a row, is not shown twice. */
function appendLines(kept: readonly TopLine[], added: readonly TopLine[], max: number): readonly TopLine[] {
  const last = kept.at(-1)
  const overlaps = last !== undefined && added.some(({ at }) => at <= last.at)
  if (!overlaps) return [...kept, ...added].slice(-max)
  const known = new Set(kept.map(nameLine))
  const fresh = added.filter((line) => !known.has(nameLine(line)))
  return [...kept, ...fresh].toSorted((a, b) => a.at - b.at).slice(-max)
}

function nameLine({ at, text }: TopLine): string {
  return `${at} ${text}`
}

function groupByRow(lines: readonly TopLine[]): Map<string, TopLine[]> {
  const byRow = new Map<string, TopLine[]>()
  for (const line of lines) {
    const text = line.text.length > lineLengthMax ? line.text.slice(0, lineLengthMax) : line.text
    const group = byRow.get(line.rowId) ?? []
    group.push({ ...line, text })
    byRow.set(line.rowId, group)
  }
  return byRow
}
