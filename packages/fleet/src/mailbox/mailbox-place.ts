/** What a place with mailboxes is asked for and answers. The format of the files is `docs/spool-format.md`. */

export const mailboxLimits = {
  /** Files of one run in one look. The rest comes with the next. */
  lookFilesMax: 256,
  /** Bytes of one run in one look; one report is always taken. */
  runBytesMax: 4 * 1024 * 1024,
  /** Bytes of one look, a little more with its last run; what a collector holds in memory. */
  lookBytesMax: 16 * 1024 * 1024,
  /** A run's job.json. Above: the run is left alone, and it is said. */
  birthBytesMax: 1024 * 1024,
  /** Runs that a collector remembers. Above: the one seen longest ago is forgotten and made known again when it writes. */
  runsMax: 1024,
  /** Runs below the given folders. Above: the others wait until these are gone. */
  listedMax: 10_000,
  /** Runs whose reports are sent at the same time. */
  sendersMax: 4,
} as const

export type ReportFile = {
  /** File name without `.report`. */
  stem: string
  number: number
  /** Null when it is larger than any report may be. */
  bytes: Uint8Array | null
}

export type RunFiles = {
  folder: string
  /** `job.json`; null where it was not asked for. */
  birth: Uint8Array | null
  /** In the order of their numbers. */
  reports: ReportFile[]
  /** More waits than the look could take. */
  hasMore: boolean
}

export type Look = {
  /** Clock of the reporters' machine now, ms since 1970; null when it does not say. */
  clockMs: number | null
  /** Of the exchange, what was spent on the way there and back, ms. */
  wayMs: number
  runs: RunFiles[]
}

/** What a collector has decided about a run since it looked. */
export type Settlement = {
  folder: string
  /** Stems of reports that are stored at the server: they go away. */
  stored: string[]
  /** Stems of reports that will never be taken: kept beside, as `.refused`. */
  refused: string[]
  /** Content of `ack.json`; null to leave it as it is. */
  ack: string | null
  /** The run has ended by its own word: its folder goes, if no report waits in it. */
  isOver: boolean
}

export type LookRequest = {
  /** Done before the look. */
  settlements: readonly Settlement[]
  /** Folders whose `job.json` is known. */
  known: readonly string[]
  /** Folders that are left out of this look. */
  skipped: readonly string[]
  /** The look begins behind this folder, so that one with much to send does not hold up the others. */
  after: string | null
}

/** Where mailboxes lie. Each call settles and looks in one round trip. */
export type MailboxPlace = {
  /** For words: where it is. */
  readonly name: string
  /** @throws when the place cannot be reached; then nothing is known of what was settled, and it is settled again. */
  exchange(request: LookRequest, signal: AbortSignal): Promise<Look>
}

/** Files that belong to a run besides its reports; they go when the run is over. */
export const runFiles = ['job.json', 'ack.json', 'lock', 'reserve'] as const

/** The number in the name of a report's file, or null for any other file. */
export function readReportName(name: string): { stem: string; number: number } | null {
  const stem = /^(\d{1,15})\.report$/.exec(name)?.[1]
  return stem === undefined ? null : { stem, number: Number(stem) }
}
