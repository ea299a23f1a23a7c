export { decodeChunk, encodeChunk } from './chunk.ts'
export { seriesMigrations } from './migrations.ts'
export type { SeriesColumnTypes } from './migrations.ts'
export { PostgresConnection } from './postgres-connection.ts'
export type { Statement } from './postgres-connection.ts'
export { openPostgresSeriesDatabase } from './postgres-database.ts'
export { adaptToPostgres, postgresColumnTypes } from './postgres-schema.ts'
export type { SeriesOptions } from './room.ts'
export { openSeriesStore } from './series-store.ts'
export { openSqliteSeriesDatabase } from './sqlite-database.ts'
export type { SqliteSeriesDatabase } from './sqlite-database.ts'
export { toStorableText } from './storable-text.ts'
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
