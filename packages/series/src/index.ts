export { decodeChunk, encodeChunk } from './chunk.ts'
export { seriesMigrations } from './migrations.ts'
export type { SeriesColumnTypes } from './migrations.ts'
export type { SeriesOptions } from './room.ts'
export { openSeriesStore } from './series-store.ts'
export { openSqliteSeriesDatabase } from './sqlite-database.ts'
export type { SqliteSeriesDatabase } from './sqlite-database.ts'
export type {
  SeriesBlock,
  SeriesBuckets,
  SeriesDatabase,
  SeriesPoints,
  SeriesQuery,
  SeriesSelector,
  SeriesStatistics,
  SeriesStore,
  SeriesSummary,
  SqlRow,
  SqlValue,
  StagedAppend,
} from './types.ts'
