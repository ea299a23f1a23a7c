/** What metrics can be downloaded as. */
export const exportFormats = ['csv', 'ndjson', 'json', 'parquet'] as const
export type ExportFormat = (typeof exportFormats)[number]
