/** What the store speaks. It knows groups, branches, sources and keys; that a group is a job is the server's business. */

/** A row as the database gives it: INTEGER as number, BLOB as Uint8Array, TEXT as string, NULL as null. */
export type SqlRow = Record<string, null | number | string | Uint8Array>
export type SqlValue = null | number | string | Uint8Array

/**
 * The seam to a database. The caller owns the connection and its transactions; whole operations of the store run one
 * after another, never interleaved. Statements are cached by their text, so the text must not vary with the values.
 */
export interface SeriesDatabase {
  readonly kind: 'sqlite' | 'postgres'
  all(sql: string, parameters?: readonly SqlValue[]): Promise<SqlRow[]>
  run(sql: string, parameters?: readonly SqlValue[]): Promise<void>
  /** Runs `work` in one transaction: committed and durable when it resolves, rolled back when it rejects. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>
}

/** Points to be added: rows × keys, dense, in order of arrival. */
export type SeriesBlock = {
  group: number
  branch: number
  source: string
  keys: readonly string[]
  steps: ArrayLike<number>
  /** ms since 1970, client's clock. */
  times: ArrayLike<number>
  /** NaN where unknown; absent when all are. */
  epochs?: ArrayLike<number> | undefined
  values: readonly ArrayLike<number>[]
}

/** A range of one series' x; a branch reads its ancestors too, so a query is a list of these. */
export type SeriesSelector = {
  group: number
  branch: number
  /** Exact source, `*`, or a prefix ending in `*` as `gpu:*`. */
  source: string
  /** Absent = all. */
  keys?: readonly string[]
}

export type SeriesQuery = {
  /** Several selectors with the same (source, key) are read as one series: ancestors first, each cut at its `stepMax`. */
  selectors: readonly (SeriesSelector & { stepMax?: number })[]
  x: 'step' | 'epoch' | 'time'
  /** Key of a series of the same source whose values are x instead (query-over.ts). */
  over?: string
  /**
   * A line of the job: points lie at the step or epoch at which it was at their time (read-clock.ts). Null: there is none
   * yet, and no point has a place.
   */
  clock?: { source: string; key: string } | null | undefined
  from?: number
  to?: number
  /** At most so many buckets a series. */
  points: number
  /** Weight of a moving average in [0, 1), or one by the length of the series (smooth-line.ts); absent = none. */
  smooth?: number | 'auto' | undefined
}

/** One series in buckets ordered by x; columns as `MetricSeries` of the contract has them. */
export type SeriesBuckets = {
  group: number
  branch: number
  source: string
  key: string
  total: number
  count: number
  x: Float64Array
  xLast: Float64Array
  first: Float64Array
  last: Float64Array
  min: Float64Array
  max: Float64Array
  mean: Float64Array
  n: Float64Array
  nonFinite: Float64Array
  /** Where it was asked for: the moving average at the last point of each bucket; NaN in those without a finite value. */
  smoothed?: Float64Array
  smoothing?: Smoothing
}

/** How an average was taken, and how much of its weight its last value has: so it goes on with later points. */
export type Smoothing = { weight: number; mass: number }

/** Newest point and extremes of a series. */
export type SeriesSummary = {
  branch: number
  source: string
  key: string
  total: number
  step: number
  time: number
  /** NaN when unknown. */
  epoch: number
  value: number
  /** Of finite values; NaN when there are none. */
  min: number
  minStep: number
  max: number
  maxStep: number
  nonFinite: number
}

/** A run of raw points of one series in order of arrival. */
export type SeriesPoints = {
  branch: number
  source: string
  key: string
  /** Number of the first point in its series. */
  from: number
  steps: Float64Array
  times: Float64Array
  epochs: Float64Array
  values: Float64Array
}

/** Keys of one source and branch of a group. */
export type SeriesSurvey = { group: number; branch: number; source: string; keys: readonly string[] }

/** What `append` adds to, once the transaction has committed. */
export type StagedAppend = {
  /** Call after the commit: the points become visible. Returns for each block and key the number of its first point. */
  apply(): { block: SeriesBlock; from: number[] }[]
}

export type SeriesStatistics = {
  series: number
  points: number
  chunks: number
  chunkBytes: number
  /** Points in chunks. */
  chunkPoints: number
  /** Points in memory heads, and what they occupy. */
  headPoints: number
  headBytes: number
  /** Bound of `headBytes`. */
  headBytesMax: number
  walRows: number
  walBytes: number
}

export interface SeriesStore {
  /**
   * Inside a transaction of the caller: writes all blocks as one WAL row. Nothing is visible before `apply`.
   * After a rollback the staged object is dropped; memory has not changed.
   */
  stage(blocks: readonly SeriesBlock[]): Promise<StagedAppend>
  /**
   * Seals full heads, flushes tails, writes summaries and levels of detail, retires the WAL; in transactions of its own,
   * each a slice of at most about 20 ms. Returns true when more is waiting.
   */
  maintain(options?: { budgetMs?: number }): Promise<boolean>
  /**
   * A group has ended: its heads are sealed and its chunks rewritten in series order. Slices as in `maintain`. With a
   * budget it returns after about that long and `maintain` does the rest, also after a restart.
   */
  finish(group: number, options?: { budgetMs?: number }): Promise<void>
  /** The group is gone for everybody at once; its space is given back in slices, as in `finish`. */
  delete(group: number, options?: { budgetMs?: number }): Promise<void>
  /** How many series a group has, and which of the keys have none yet. */
  survey(asked: SeriesSurvey): Promise<{ series: number; missing: string[] }>
  query(query: SeriesQuery): Promise<SeriesBuckets[]>
  /** Summaries of all series that the selectors name; empty for an unknown group. */
  latest(selectors: readonly SeriesSelector[]): Promise<SeriesSummary[]>
  /**
   * Raw points in order of arrival, in runs of at most a chunk, series after series; of each series those from number
   * `from` on. What stands before `from` is not read.
   */
  export(selectors: readonly SeriesSelector[], options?: { from?: number }): AsyncIterable<SeriesPoints>
  statistics(): Promise<SeriesStatistics>
  /** Points of a group, and the bytes that their chunks occupy. */
  measure(group: number): Promise<{ points: number; bytes: number }>
  /** Flushes what memory holds so that the next start is quick. The store stays correct without it. */
  close(): Promise<void>
}
