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
