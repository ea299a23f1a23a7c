/** Every named bound of the wire; what happens at it stands beside it. */
export const limits = {
  /** A report's body. Above: 413 `tooLarge`, nothing of it stored. */
  reportBytesMax: 8 * 1024 * 1024,
  /** Points in one report. Above: 413. */
  reportPointsMax: 1_000_000,
  /** Lines in one report. Above: 413. */
  reportLinesMax: 50_000,
  /** Any other body. Above: 413. */
  bodyBytesMax: 1024 * 1024,
  /** One log line. The rest is cut and marked by the reporter; a longer one is cut by the server. */
  logLineBytesMax: 64 * 1024,
  /** A metric key, in UTF-8 bytes. Longer: 400 with the field. */
  keyBytesMax: 1024,
  /** Names, projects, models. Longer: 400. */
  nameLengthMax: 256,
  tagsMax: 64,
  tagLengthMax: 128,
  /** A configuration as JSON text. Above: 413. */
  configBytesMax: 512 * 1024,
  /** Stages a job may declare. */
  stagesMax: 256,
  /** Keys, sources or jobs in one metrics query. */
  querySeriesMax: 2_000,
  /** Buckets a series in one query. */
  queryPointsMax: 10_000,
  /** Lines in one page of a log. */
  logPageLinesMax: 10_000,
  /** Jobs in one page of a list. */
  jobPageMax: 500,
} as const
