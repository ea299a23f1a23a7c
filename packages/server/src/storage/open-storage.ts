/** The storage as its thread runs it: one database, one queue, background work, live updates. Nothing here knows of threads. */
import { join } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'
import { openSeriesStore, postgresColumnTypes, type SeriesStatistics, type SeriesStore } from '@pilothouse/series'
import { AlertEngine } from '../alerts/alert-engine.ts'
import { AlertRounds } from '../alerts/alert-rounds.ts'
import { JobDigests } from '../jobs/job-digests.ts'
import { StatisticsCache } from '../jobs/get-statistics.ts'
import { RecentCount } from '../system/recent.ts'
import { appendReports } from '../telemetry/append-reports.ts'
import { JobCache } from '../telemetry/job-cache.ts'
import { SampleFiles } from '../samples/sample-files.ts'
import { Background, type BackgroundTask } from './background.ts'
import { listBackgroundTasks } from './background-tasks.ts'
import { LiveFeed } from './live-feed.ts'
import { keepDamagedLog } from './inspect-log.ts'
import { type FolderLock, lockFolder } from './lock-folder.ts'
import type { Answer, Call, FromStorage, StorageSettings } from './messages.ts'
import type { ColumnTypes } from './migration.ts'
import { migrateDatabase } from './migrate-database.ts'
import { migrations, sqliteTypes } from './migrations.ts'
import { type Changes, type DatabaseFile, type Operation, type StorageContext, noChanges } from './operation.ts'
import { type AppendCall, OperationQueue } from './operation-queue.ts'
import { operations } from './operations.ts'
import { PersistGate } from './persist-gate.ts'
import { openPostgres } from './postgres-database.ts'
import { openSqlite } from './sqlite-database.ts'
import type { StorageDatabase } from './storage-database.ts'
import { isDiskFull, packError } from './wire-error.ts'

const countEveryMs = 60_000
/** Counting takes at most one part in so many of the time: with 400,000 chunks it takes 0.1 s. */
const countShare = 1_000

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
    // Told to the storage once there is one: until then a lost connection ends the start.
    const events: ConnectionEvents = { onLost: () => undefined, onBack: () => undefined }
    const database = await openDatabase({ settings, host, events, onDamage })
    const openSeries = () => openSeriesStore(database, { onDamage })
    const series = await openSeries()
    const samples = new SampleFiles(settings.dataFolder)
    return new OpenStorage({ settings, host, lock, database, series, samples, openSeries, events })
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

type ConnectionEvents = { onLost(error: PilothouseError): void; onBack(): void }
type Opening = {
  settings: StorageSettings
  host: StorageHost
  events: ConnectionEvents
  onDamage(text: string): void
}

/** The database that the settings name, its tables up to date. */
async function openDatabase({ settings, host, events, onDamage }: Opening): Promise<StorageDatabase> {
  const { databaseUrl: url, dataFolder, pagesMax } = settings
  const migrate = (database: StorageDatabase, types: ColumnTypes) =>
    migrateDatabase(database, { migrations, types, now: host.now })
  if (url === undefined) {
    keepDamagedLog(join(dataFolder, 'pilothouse.db-wal'), onDamage)
    const database = openSqlite(join(dataFolder, 'pilothouse.db'), { pagesMax })
    await migrate(database, sqliteTypes)
    return database
  }
  return openPostgres({
    url,
    pid: host.pid,
    migrate: (database) => migrate(database, postgresColumnTypes),
    onLost: (error) => events.onLost(error),
    onBack: () => events.onBack(),
    onReplaced: (error) => host.fail(error),
  })
}

type Parts = {
  settings: StorageSettings
  host: StorageHost
  lock: FolderLock
  database: StorageDatabase
  series: SeriesStore
  samples: SampleFiles
  openSeries(): Promise<SeriesStore>
  events: ConnectionEvents
}

/** Everything the background tasks and the live feed work with. */
export type StorageRoom = {
  database: StorageDatabase
  /** Another one after the connection to the database was lost: read it anew for each piece of work. */
  readonly series: SeriesStore
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
  readonly #digests: JobDigests
  readonly #alerts = new AlertEngine()
  readonly #rounds: AlertRounds
  readonly #ended = new Set<number>()
  readonly #file: DatabaseFile
  readonly #jobs = new JobCache()
  readonly #statistics = new StatisticsCache()
  readonly #pointsTaken = new RecentCount()
  #writable = true
  #series: SeriesStore

  constructor(parts: Parts) {
    this.#parts = parts
    const { host, database, samples, settings } = parts
    this.#series = parts.series
    this.#file = {
      kind: database.kind,
      sizes: () => database.sizes(),
      count: countSeldom(() => this.#series, host.now),
      writable: () => this.#writable,
    }
    const clock = () => performance.now()
    const readSeries = () => this.#series
    const room: StorageRoom = {
      database,
      get series() {
        return readSeries()
      },
      samples,
      settings,
      now: host.now,
      ended: this.#ended,
      run: (operation, input) => this.#run(operation, input),
    }
    this.#feed = new LiveFeed(room, (updates) => host.post({ type: 'live', updates }))
    this.#digests = new JobDigests(room)
    this.#rounds = new AlertRounds(room, this.#alerts)
    const work = { feed: this.#feed, digests: this.#digests, rounds: this.#rounds }
    const tasks = listBackgroundTasks(room, work).map((task) => this.#pauseWhileAway(task))
    this.#background = new Background({ tasks: [...tasks, ...this.#listUpkeep()], clock, fail: this.#tell })
    this.#requestAll()
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
    parts.events.onLost = (error) => this.#tell('database', error)
    parts.events.onBack = () => {
      this.#background.request('reopen')
      this.#queue.wake()
    }
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
    // Flushing makes the next start quick, no more: what was acknowledged is in the database.
    await this.#series.close().catch((error: unknown) => this.#tell('close', error))
    await this.#parts.database.close()
    this.#parts.lock.release()
    this.#parts.host.post({ type: 'closed' })
  }

  readonly #tell = (task: string, error: unknown): void => {
    this.#parts.host.post({ type: 'trouble', task, error: packError(error) })
  }

  #requestAll(): void {
    for (const task of [
      'live',
      'maintain-series',
      'pack-logs',
      'remove-jobs',
      'measure-jobs',
      'sweep-samples',
      'digest-jobs',
      'alert-rounds',
    ])
      this.#background.request(task)
  }

  /** Without a database there is nothing to be done, and nothing to be told again and again. */
  #pauseWhileAway(task: BackgroundTask): BackgroundTask {
    const isAway = () => this.#parts.database.connection?.isOpen() === false
    return { ...task, run: async () => (isAway() ? false : task.run()) }
  }

  #listUpkeep(): BackgroundTask[] {
    const { upkeep, connection } = this.#parts.database
    const keep = async () => {
      if (connection?.isOpen() !== false) await upkeep?.run()
      return false
    }
    return [
      { name: 'reopen', delayMs: 0, run: () => this.#reopen() },
      ...(upkeep ? [{ name: 'upkeep', delayMs: 0, everyMs: upkeep.everyMs, run: keep }] : []),
    ]
  }

  /** The connection is back: memory may hold less than was committed when it was lost, or more, so it is read anew. */
  async #reopen(): Promise<boolean> {
    const { connection } = this.#parts.database
    connection?.resume()
    try {
      this.#series = await this.#parts.openSeries()
    } catch (error) {
      connection?.suspend()
      throw error
    }
    this.#jobs.clear()
    this.#digests.walkAgain()
    this.#alerts.clear()
    this.#rounds.catchUp()
    this.#requestAll()
    return false
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
    const { database, samples, host } = this.#parts
    const changes = noChanges()
    const context: StorageContext = {
      db: database.db,
      sql: database,
      jobs: this.#jobs,
      alerts: this.#alerts,
      series: this.#series,
      samples,
      now: host.now,
      file: this.#file,
      statistics: this.#statistics,
      pointsTaken: this.#pointsTaken,
      changes,
    }
    const isAppend = Object.is(operation, appendReports)
    try {
      const output = await database.transaction(() => operation(context, input))
      if (!isAppend) this.#forget(changes) // which keeps what it wrote
      this.#noteCommit(changes)
      return output
    } catch (error) {
      this.#jobs.clear()
      if (isAppend) this.#background.request('sweep-samples')
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
    if (changes.jobs.size + changes.removed.size > 0) this.#statistics.clear()
    if (changes.purged) this.#background.request('remove-jobs')
    if (changes.repriced) this.#priceAnew()
    const { jobs, beats, removed, notes, steering } = changes
    if (jobs.size + beats.size + removed.size + notes.length + steering.size === 0) return
    this.#writable = true
    this.#feed.note(changes)
    this.#digests.note(changes)
    this.#rounds.note(changes)
    this.#background.request('live')
    this.#background.request('digest-jobs')
    if (changes.jobs.size > 0) this.#background.request('alert-rounds')
    for (const id of changes.ended) this.#ended.add(id)
    if (changes.afterCommit.length + changes.ended.size > 0) this.#background.request('maintain-series')
    if (changes.ended.size > 0) this.#background.request('measure-jobs')
    if (changes.logs.length > 0) this.#background.request('pack-logs')
    if (changes.removed.size > 0) this.#background.request('remove-jobs')
  }

  #priceAnew(): void {
    this.#statistics.clear()
    this.#digests.walkAgain()
    this.#background.request('digest-jobs')
  }
}

/** What the store has, as counted within the last minute. */
function countSeldom(series: () => SeriesStore, now: () => number): DatabaseFile['count'] {
  let counted: (SeriesStatistics & { countedAt: number }) | undefined
  let restMs = countEveryMs
  return async () => {
    if (counted && Math.abs(now() - counted.countedAt) < restMs) return counted
    const startedAt = performance.now()
    counted = { ...(await series().statistics()), countedAt: now() }
    restMs = Math.max(countEveryMs, (performance.now() - startedAt) * countShare)
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
