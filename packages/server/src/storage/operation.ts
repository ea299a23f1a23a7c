import type { Alert, LogLine, NotesEvent, Sample, SteeringChange } from '@pilothouse/contract'
import type { SeriesBlock, SeriesDatabase, SeriesStatistics, SeriesStore } from '@pilothouse/series'
import type { Kysely } from 'kysely'
import type { AlertEngine } from '../alerts/alert-engine.ts'
import type { StatisticsCache } from '../jobs/get-statistics.ts'
import type { RecentCount } from '../system/recent.ts'
import type { SampleFiles } from '../samples/sample-files.ts'
import type { JobCache } from '../telemetry/job-cache.ts'
import type { DatabaseSizes } from './storage-database.ts'
import type { Tables } from './tables.ts'

/** What an operation works with, inside the storage thread. */
export type StorageContext = {
  db: Kysely<Tables>
  /** The same connection for the few statements that run thousands of times a second: built once, not for each run. */
  sql: SeriesDatabase
  /** What memory keeps of jobs that report. Operations that change jobs name them in `changes`, and it forgets them. */
  jobs: JobCache
  series: SeriesStore
  /** Alert rules and what they look at. */
  alerts: AlertEngine
  /** Contents of samples, on disk. */
  samples: SampleFiles
  now: () => number
  /** The database as a whole. */
  file: DatabaseFile
  statistics: StatisticsCache
  /** Points that were stored lately. */
  pointsTaken: RecentCount
  /** What the operation changed; told to watchers once it has committed. */
  changes: Changes
}

export type DatabaseFile = {
  kind: 'sqlite' | 'postgres'
  sizes(): Promise<DatabaseSizes>
  /** What the metric store has, counted at most once a minute: counting walks through all chunks. */
  count(): Promise<SeriesStatistics & { countedAt: number }>
  /** False after a write found no space, true again after the next that did. */
  writable(): boolean
}

/** Collected during a transaction, dropped with it when it fails. */
export type Changes = {
  /** Ids of jobs whose card or page changed. */
  jobs: Set<number>
  /** Id and uid of jobs whose reports changed no more than their curves: told a little later than the others. */
  beats: Map<number, string>
  /** Uids of jobs that went away. */
  removed: Set<string>
  /** Something of a job waits for its removal. */
  purged: boolean
  /** The rate card is another: all jobs are priced anew. */
  repriced: boolean
  /** Ids of jobs that ended: their series are sealed and their logs compacted. */
  ended: Set<number>
  /** New points, filled in by `afterCommit`. */
  points: PointsChange[]
  logs: LogsChange[]
  samples: SamplesChange[]
  alerts: Alert[]
  notes: NotesChange[]
  /** Lists of a job's steering that are other than before, by its uid. */
  steering: Map<string, Set<SteeringChange['parts'][number]>>
  /** Work on memory that must happen if, and only if, the transaction commits. */
  afterCommit: (() => void)[]
}

export type PointsChange = {
  uid: string
  block: SeriesBlock
  /** For each key the number of its first point. */
  from: readonly number[]
  clockOffsetMs: number
}

export type LogsChange = { uid: string; attempt: number; lines: readonly LogLine[]; open: string | null }

export type SamplesChange = { uid: string; samples: readonly Sample[] }

export type NotesChange = { uid: string; event: NotesEvent }

/** Changes before anything has happened. */
export function noChanges(): Changes {
  return {
    jobs: new Set(),
    beats: new Map(),
    removed: new Set(),
    purged: false,
    repriced: false,
    ended: new Set(),
    points: [],
    logs: [],
    samples: [],
    alerts: [],
    notes: [],
    steering: new Map(),
    afterCommit: [],
  }
}

/** Who asks for an operation on jobs: whose jobs it may write. */
export type Actor = {
  memberId: number
  /** May write other people's jobs, too. */
  all: boolean
  /** Set when its token is good for one job only. */
  jobUid: string | null
}

/**
 * One whole piece of storage work, run in the storage thread in a transaction of its own, never interleaved with another.
 * Arguments and results cross a thread boundary: plain data and byte arrays only. Throws `PilothouseError`, which crosses too.
 */
export type Operation<Input, Output> = (context: StorageContext, input: Input) => Promise<Output>
