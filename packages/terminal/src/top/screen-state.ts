/** All that the screen knows: what its source told, and what somebody chose. Plain data; views only read it. */
import type { TopAction, TopDetail, TopLine, TopRow } from './top-state.ts'
import type { ThemeName } from './theme.ts'

/** Rows that belong together by patterns on name, id, group or target; `*` stands for any text. */
export type TopGroup = { name: string; match: readonly string[] }

export type TopOptions = {
  /** How often the source asks, ms; shown, and the shortest time between two refreshes by key. */
  intervalMs: number
  /** Switches stop, checkpoint, pause and resume off. */
  readOnly: boolean
  theme: ThemeName
  groups: readonly TopGroup[]
  title?: string
}

export const sortKeys = [
  'source',
  'id',
  'name',
  'status',
  'progress',
  'gpu',
  'memory',
  'loss',
  'rate',
  'cost',
  'eta',
  'health',
] as const
export type SortKey = (typeof sortKeys)[number]

export type Grouping = 'none' | 'group' | 'target' | 'owner' | 'configured'
export type ScreenName = 'table' | 'detail' | 'log' | 'help'
export type MessageLevel = 'info' | 'warning' | 'error'

export type LogPlace = {
  /** Lines between the last one and the lowest one shown; 0: it follows. */
  up: number
  /** Cells cut away at the left. */
  across: number
  search: string
}

export type ScreenState = {
  label: string
  options: TopOptions
  screen: ScreenName
  /** Where `?` was pressed. */
  screenBefore: ScreenName
  /** null: nothing was told yet. */
  rows: readonly TopRow[] | null
  rowsAt: number | null
  trouble: { text: string; since: number } | null
  /** What a pause holds back; null: nothing, or not paused. */
  held: { rows: readonly TopRow[]; at: number } | null
  paused: boolean
  selectedId: string | null
  sort: { key: SortKey; reverse: boolean }
  filter: string
  grouping: Grouping
  /** What is being typed; null: keys are commands. */
  typing: { into: 'filter' | 'search'; text: string } | null
  lines: ReadonlyMap<string, readonly TopLine[]>
  details: TopDetail | null
  /** The row whose details or log are open. */
  watched: string | null
  detailScroll: number
  log: LogPlace
  message: { text: string; level: MessageLevel; at: number } | null
  confirm: { rowId: string; action: TopAction } | null
}

/** The screen before anything was told. */
export function startScreen(label: string, options: TopOptions): ScreenState {
  return {
    label,
    options,
    screen: 'table',
    screenBefore: 'table',
    rows: null,
    rowsAt: null,
    trouble: null,
    held: null,
    paused: false,
    selectedId: null,
    sort: { key: 'source', reverse: false },
    filter: '',
    grouping: 'none',
    typing: null,
    lines: new Map(),
    details: null,
    watched: null,
    detailScroll: 0,
    log: topOfLog,
    message: null,
    confirm: null,
  }
}

/** A log that follows, without a search. */
export const topOfLog: LogPlace = { up: 0, across: 0, search: '' }

/** How long a message stands in the place of the key help, ms. */
export const messageMs = 8_000

/** The message that still stands. */
export function readMessage({ message }: ScreenState, now: number): ScreenState['message'] {
  return message !== null && Math.abs(now - message.at) < messageMs ? message : null
}

/** The row that is marked, or open. */
export function findRow(state: ScreenState, id: string | null): TopRow | undefined {
  return state.rows?.find((row) => row.id === id)
}
