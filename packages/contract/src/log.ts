import { z } from 'zod'
import { limits } from './limits.ts'
import { logLevels, logStreams } from './log-level.ts'
import { queryList } from './query-list.ts'

export const logLine = z.object({
  /** Number of the line in its attempt, from 0. */
  n: z.int(),
  /** Client's clock, ms. */
  time: z.number(),
  stream: z.enum(logStreams),
  level: z.enum(logLevels),
  /** As printed, ANSI codes included. */
  text: z.string(),
})
export type LogLine = z.infer<typeof logLine>

const attempt = z.coerce.number().int().min(1).optional()

/** Lines that are wanted of a log; absent = all. */
const kinds = {
  level: queryList(z.enum(logLevels)),
  stream: z.enum(logStreams).optional(),
}

const search = {
  /** Text to find, case ignored; absent = every line of the levels and the stream. */
  text: z.string().max(1024).optional(),
  /** `text` is a regular expression, as JavaScript writes them, without look-around and references to groups. */
  regex: z.stringbool().default(false),
}

/** `from` and `count` are of the whole log: with `level` or `stream` an answer has the lines of that range that match. */
export const logQuery = z.object({
  /** Absent = the current attempt. */
  attempt,
  ...kinds,
  /** First line; absent = the end of the log, `count` lines of it. */
  from: z.coerce.number().int().min(0).optional(),
  count: z.coerce.number().int().min(1).max(limits.logPageLinesMax).default(1000),
})
export type LogQuery = z.input<typeof logQuery>

export const logPage = z.object({
  attempt: z.int(),
  /** Lines stored in this attempt. */
  total: z.int(),
  /** Bytes of its text, line ends included. */
  bytes: z.int(),
  /** Lines of each level. */
  levels: z.record(z.enum(logLevels), z.int()),
  lines: z.array(logLine),
  /** The line under way (a progress bar), not yet stored. */
  open: z.string().nullable(),
})
export type LogPage = z.infer<typeof logPage>

export const logSearchQuery = z.object({
  attempt,
  ...search,
  ...kinds,
  /** Search from this line on, or before it when going backwards. */
  from: z.coerce.number().int().min(0).optional(),
  direction: z.enum(['forward', 'backward']).default('forward'),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
})
export type LogSearchQuery = z.input<typeof logSearchQuery>

export const logSearchAnswer = z.object({
  attempt: z.int(),
  /** Lines stored in this attempt. */
  total: z.int(),
  lines: z.array(logLine),
  /** Where to go on, or null at the end. */
  next: z.int().nullable(),
})
export type LogSearchAnswer = z.infer<typeof logSearchAnswer>

/**
 * `GET /api/jobs/{uid}/logs/text`: plain text, of the whole log or of a range of lines; a byte range of that, as in
 * «bytes=0-1023», may be asked for by `Range`. With `level`, `stream` or `text` the lines that match, in one stream
 * whose length nobody knows before, and without byte ranges.
 */
export const logTextQuery = z.object({
  attempt,
  /** First line; absent = the first of all. */
  from: z.coerce.number().int().min(0).optional(),
  /** Lines from there on; absent = to the end that the log has when it is asked for. */
  count: z.coerce.number().int().min(1).optional(),
  ...kinds,
  ...search,
  download: z.stringbool().default(false),
})
export type LogTextQuery = z.input<typeof logTextQuery>
