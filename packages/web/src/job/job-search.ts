import type { LogLevel, LogStream } from '@pilothouse/contract'
import { logLevels, logStreams } from '@pilothouse/contract/wire'
import { readChoice, readList } from '../app/search-params.ts'
import { readChartSearch, type ChartSearch } from '../charts/chart-search.ts'
import { readOverlay } from '../charts/overlay-places.ts'

const otherTabs = [
  'metrics',
  'samples',
  'checkpoints',
  'parameters',
  'resources',
  'logs',
  'configuration',
  'notes',
] as const
export const jobTabs = ['overview', ...otherTabs] as const
/** Steps of samples side by side, the one that moves not counted. */
export const pinsMax = 3

export type JobTab = (typeof jobTabs)[number]

/** The view of a job as its address has it; absent = default. Numbers stay text here, as they stand in the address. */
export type JobSearch = ChartSearch & {
  tab?: Exclude<JobTab, 'overview'>
  /** Jobs and branches whose curves lie over those of this one (overlay-places.ts). */
  with?: string
  /** Key of the samples that are looked at, its step (absent = the newest), and the steps beside it. */
  sample?: string
  at?: string
  pin?: string[]
  /** Line of the log that is looked at, counted from 1. */
  line?: string
  /** Attempt whose log is shown; absent = the newest. */
  attempt?: string
  /** Lines of the log that are shown; absent = all. */
  level?: LogLevel[]
  stream?: LogStream
  /** Number of the note that somebody came for. */
  note?: string
  /** Branch that is drawn; absent = the current one. */
  branch?: string
  /** Whether the other branches are drawn behind it; absent = they are. */
  others?: 'hidden'
  /** Parameter whose history is looked at; absent = all. */
  parameter?: string
  /** Id of the change whose effect is looked at. */
  impact?: string
  /** Id of the checkpoint that is open, and of the one that it is compared with. */
  checkpoint?: string
  versus?: string
  /** What of the two is compared; absent = what is known of them. */
  part?: 'tensors'
  /** Whether the rules by which checkpoints stay are open. */
  rules?: 'open'
  /** Whether the list of what the job was told is open. */
  told?: 'open'
}

/** What of an address belongs to one tab alone, and is left behind with it. */
export function leaveTab({
  tab: _,
  range: __,
  line: ___,
  note: ____,
  parameter: _____,
  impact: _________,
  checkpoint: ______,
  versus: _______,
  part: __________,
  rules: ___________,
  told: ________,
  ...rest
}: JobSearch): JobSearch {
  return rest
}

export function readJobSearch(raw: Record<string, unknown>): JobSearch {
  const parts = {
    ...readChartSearch(raw),
    tab: readChoice(raw['tab'], otherTabs),
    with: readOverlay(raw['with']),
    sample: typeof raw['sample'] === 'string' && raw['sample'] !== '' ? raw['sample'] : undefined,
    at: isStep(raw['at']) ? raw['at'] : undefined,
    pin: filled(readList(raw['pin']).filter(isStep).slice(0, pinsMax)),
    line: readLine(raw['line']) === undefined ? undefined : String(readLine(raw['line'])),
    attempt: readLine(raw['attempt']) === undefined ? undefined : String(readLine(raw['attempt'])),
    level: filled(logLevels.filter((level) => readList(raw['level']).includes(level))),
    stream: readChoice(raw['stream'], logStreams),
    note: readLine(raw['note']) === undefined ? undefined : String(readLine(raw['note'])),
    branch: typeof raw['branch'] === 'string' && /^\d{1,9}$/.test(raw['branch']) ? raw['branch'] : undefined,
    others: readChoice(raw['others'], ['hidden'] as const),
    parameter: typeof raw['parameter'] === 'string' && raw['parameter'] !== '' ? raw['parameter'] : undefined,
    impact: readLine(raw['impact']) === undefined ? undefined : String(readLine(raw['impact'])),
    checkpoint: readLine(raw['checkpoint']) === undefined ? undefined : String(readLine(raw['checkpoint'])),
    versus: readLine(raw['versus']) === undefined ? undefined : String(readLine(raw['versus'])),
    part: readChoice(raw['part'], ['tensors'] as const),
    rules: readChoice(raw['rules'], ['open'] as const),
    told: readChoice(raw['told'], ['open'] as const),
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}

function isStep(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Number.isFinite(Number(value))
}

/** A number of a line or an attempt, counted from 1. */
export function readLine(value: unknown): number | undefined {
  const line = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : 0
  return line > 0 ? line : undefined
}

function filled<Item>(items: Item[]): Item[] | undefined {
  return items.length > 0 ? items : undefined
}
