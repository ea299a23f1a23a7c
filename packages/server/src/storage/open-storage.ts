/** The storage as its thread runs it: one database, one queue, background work, live updates. Nothing here knows of threads. */
import { join } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'
import { openSeriesStore, type SeriesStatistics, type SeriesStore } from '@pilothouse/series'
import { RecentCount } from '../system/recent.ts'
import { appendReports } from '../telemetry/append-reports.ts'
import { JobCache } from '../telemetry/job-cache.ts'
import { SampleFiles } from '../samples/sample-files.ts'
import { Background } from './background.ts'
import { listBackgroundTasks } from './background-tasks.ts'
import { LiveFeed } from './live-feed.ts'
import { keepDamagedLog } from './inspect-log.ts'
import { type FolderLock, lockFolder } from './lock-folder.ts'
import type { Answer, Call, FromStorage, StorageSettings } from './messages.ts'
import { migrateDatabase } from './migrate-database.ts'
import { migrations, sqliteTypes } from './migrations.ts'
import { type Changes, type DatabaseFile, type Operation, type StorageContext, noChanges } from './operation.ts'
import { type AppendCall, OperationQueue } from './operation-queue.ts'
import { operations } from './operations.ts'
import { PersistGate } from './persist-gate.ts'
import { openSqlite, type SqliteDatabase } from './sqlite-database.ts'
import { isDiskFull, packError } from './wire-error.ts'

const countEveryMs = 60_000

export type StorageHost = {
  /** ms since 1970. */
  now: () => number
  pid: number
  post(message: FromStorage, transfer?: ArrayBuffer[]): void
  /** Nothing can be acknowledged any more: ends the storage, which starts again from what the disk has. */
  fail(error: unknown): void
}

export type Storage = {
  submit(calls: readonly Call[]): void
  watch(topics: readonly string[]): void
  /** Finishes what waits, flushes, lets the folder go. */
  close(): Promise<void>
}

/**
 * Opens the data folder for this process alone.
 * @throws PilothouseError `unavailable` when it is in use or newer than this program.
 */
export async function openStorage(settings: StorageSettings, host: StorageHost): Promise<Storage> {
  const lock = lockFolder(settings.dataFolder, { pid: host.pid, now: host.now() })
  try {
    const onDamage = (text: string) =>
      host.post({ type: 'trouble', task: 'reading', error: packError(tellDamage(text)) })
    keepDamagedLog(join(settings.dataFolder, 'pilothouse.db-wal'), onDamage)
    const database = openSqlite(join(settings.dataFolder, 'pilothouse.db'), { pagesMax: settings.pagesMax })
    await migrateDatabase(database, { migrations, types: sqliteTypes, now: host.now })
    const series = await openSeriesStore(database, { onDamage })
    const samples = new SampleFiles(settings.dataFolder)
    return new OpenStorage({ settings, host, lock, database, series, samples })
  } catch (error) {
    lock.release()
    throw error
  }
}

function tellDamage(text: string): PilothouseError {
  return new PilothouseError('internal', text, {
    hint: 'The disk returned other bytes than were written. All else is readable; a backup has what is missing.',
  })
}

type Parts = {
  settings: StorageSettings
  host: StorageHost
  lock: FolderLock
  database: SqliteDatabase
  series: SeriesStore
  samples: SampleFiles
}

/** Everything the background tasks and the live feed work with. */
export type StorageRoom = {
  database: SqliteDatabase
  series: SeriesStore
  samples: SampleFiles
  settings: StorageSettings
  now: () => number
  /** Ids of jobs that ended and whose series are to be sealed. */
  ended: Set<number>
  /** Runs an operation in a transaction of its own; what it changed is told to watchers. */
  run<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output>
}

class OpenStorage implements Storage {
  readonly #parts: Parts
  readonly #queue: OperationQueue
  readonly #gate: PersistGate
  readonly #background: Background
  readonly #feed: LiveFeed
  readonly #ended = new Set<number>()
  readonly #file: DatabaseFile
  readonly #jobs = new JobCache()
  readonly #pointsTaken = new RecentCount()
  #writable = true

  constructor(parts: Parts) {
    this.#parts = parts
    const { host, database, series, samples, settings } = parts
    this.#file = {
      kind: database.kind,
      bytes: () => database.bytes(),
      freeBytes: () => database.freeBytes(),
      logBytes: () => database.logBytes(),
      count: countSeldom(series, host.now),
      writable: () => this.#writable,
    }
    const clock = () => performance.now()
    const room: StorageRoom = {
      database,
      series,
      samples,
      settings,
      now: host.now,
      ended: this.#ended,
      run: (operation, input) => this.#run(operation, input),
    }
    this.#feed = new LiveFeed(room, (updates) => host.post({ type: 'live', updates }))
    const tasks = listBackgroundTasks(room, this.#feed)
    const fail = (task: string, error: unknown) => host.post({ type: 'trouble', task, error: packError(error) })
    this.#background = new Background({ tasks, clock, fail })
    const first = ['maintain-series', 'pack-logs', 'remove-jobs', 'measure-jobs', 'sweep-samples']
    for (const task of first) this.#background.request(task)
    const post = (answers: Answer[]) => host.post({ type: 'answers', answers }, listBuffers(answers))
    this.#gate = new PersistGate({
      changes: () => database.changes(),
      persist: () => database.persist(),
      post,
      fail: (error) => host.fail(error),
    })
    this.#queue = new OperationQueue({
      runCall: (call) => this.#runCall(call),
      runGroup: (group) => this.#runGroup(group),
      background: this.#background,
      post,
      postKept: (answers) => this.#gate.pass(answers),
      clock,
    })
    this.#queue.wake()
  }

  submit(calls: readonly Call[]): void {
    for (const call of calls) this.#queue.push(call)
  }

  watch(topics: readonly string[]): void {
    this.#feed.watch(topics)
  }

  async close(): Promise<void> {
    await this.#queue.close()
    await this.#gate.settle()
    await this.#parts.series.close()
    this.#parts.database.close()
    this.#parts.lock.release()
    this.#parts.host.post({ type: 'closed' })
  }

  async #runCall({ id, name, input }: Call): Promise<Answer> {
    const operation = operations[name] as Operation<unknown, unknown> // name and input were matched by `StorageClient.call`
    try {
      return { id, value: await this.#run(operation, input) }
    } catch (error) {
      return { id, error: packError(error) }
    }
  }

  /** One commit for all; when that fails for another reason than space, each report gets a commit of its own. */
  async #runGroup(group: readonly AppendCall[]): Promise<Answer[]> {
    try {
      const inputs = group.map(({ input }) => input)
      const results = await this.#run(appendReports, inputs)
      return results.map((result, at) => ({ id: group[at]?.id ?? 0, ...result }))
    } catch (error) {
      if (group.length === 1 || isDiskFull(error)) return group.map(({ id }) => ({ id, error: packError(error) }))
      const answers: Answer[] = []
      for (const one of group) answers.push(...(await this.#runGroup([one])))
      return answers
    }
  }

  async #run<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output> {
    const { database, series, samples, host } = this.#parts
    const changes = noChanges()
    const context: StorageContext = {
      db: database.db,
      sql: database,
      jobs: this.#jobs,
      series,
      samples,
      now: host.now,
      file: this.#file,
      pointsTaken: this.#pointsTaken,
      changes,
    }
    try {
      const output = await database.transaction(() => operation(context, input))
      if ((operation as unknown) !== appendReports) this.#forget(changes) // which keeps what it wrote
      this.#noteCommit(changes)
      return output
    } catch (error) {
      this.#jobs.clear()
      if ((operation as unknown) === appendReports) this.#background.request('sweep-samples')
      if (isDiskFull(error)) this.#noteFullDisk()
      throw error
    }
  }

  /** The write-ahead log may hold the very space that is missing; once a while is enough to try. */
  #noteFullDisk(): void {
    this.#writable = false
    this.#background.request('relieve-disk')
  }

  #forget({ jobs, removed }: Changes): void {
    for (const id of jobs) this.#jobs.forget(id)
    for (const uid of removed) this.#jobs.forget(uid)
  }

  #noteCommit(changes: Changes): void {
    for (const work of changes.afterCommit) work()
    if (changes.points.length > 0) this.#pointsTaken.add(countPoints(changes), this.#parts.host.now())
    if (changes.purged) this.#background.request('remove-jobs')
    if (changes.jobs.size + changes.beats.size + changes.removed.size === 0) return
    this.#writable = true
    this.#feed.note(changes)
    this.#background.request('live')
    for (const id of changes.ended) this.#ended.add(id)
    if (changes.afterCommit.length + changes.ended.size > 0) this.#background.request('maintain-series')
    if (changes.ended.size > 0) this.#background.request('measure-jobs')
    if (changes.logs.length > 0) this.#background.request('pack-logs')
    if (changes.removed.size > 0) this.#background.request('remove-jobs')
  }
}

/** What the store has, as counted within the last minute. */
function countSeldom(series: SeriesStore, now: () => number): DatabaseFile['count'] {
  let counted: (SeriesStatistics & { countedAt: number }) | undefined
  return async () => {
    const isOld = counted === undefined || Math.abs(now() - counted.countedAt) > countEveryMs
    if (isOld || !counted) counted = { ...(await series.statistics()), countedAt: now() }
    return counted
  }
}

function countPoints({ points }: Changes): number {
  return points.reduce((sum, { block }) => sum + block.keys.length * block.steps.length, 0)
}

/** Byte arrays in answers change hands instead of being copied. */
function listBuffers(answers: readonly Answer[]): ArrayBuffer[] {
  return answers.flatMap((answer) =>
    'value' in answer && answer.value instanceof Uint8Array ? ownBuffer(answer.value) : [],
  )
}

function ownBuffer({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
}
