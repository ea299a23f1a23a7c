/**
 * Samples: what a script logs beside numbers (generations, tables, images, histograms), each under a key at a step. They
 * travel inside reports, so they are stored once like everything else. Several of one key at one step are told apart by
 * `index`.
 */
import { z } from 'zod'
import { cleanText, replaceNul } from './clean-text.ts'
import { limits } from './limits.ts'
import { queryList } from './query-list.ts'
import { reportKey } from './report-key.ts'
import { imageTypes, sampleKinds } from './sample-kind.ts'

/** A cell or a field. What JSON has no number for comes as the word «NaN», «Infinity» or «-Infinity». */
const scalar = z.union([cleanText(limits.sampleTextLengthMax), z.number(), z.boolean(), z.null()])
export type SampleScalar = z.infer<typeof scalar>

const heading = cleanText(limits.nameLengthMax)

export const tableBody = z
  .object({
    columns: z.array(heading).min(1).max(limits.tableColumnsMax),
    /** As many cells in each row as there are columns. */
    rows: z.array(z.array(scalar)).max(limits.tableRowsMax),
    /** Rows that the reporter left out because of the bound. */
    rowsLeftOut: z.int().min(0).optional(),
  })
  .refine(
    ({ columns, rows }) => rows.every((row) => row.length === columns.length),
    'one cell for each column in each row',
  )
export type TableBody = z.infer<typeof tableBody>

export const histogramBody = z
  .object({
    counts: z.array(z.number().min(0)).min(1).max(limits.histogramBinsMax),
    /** Rising, one more than `counts`: bin i goes from edges[i] to edges[i + 1]. */
    edges: z.array(z.number()).min(2),
    /** Values that were NaN or infinite and stand in no bin. */
    nonFinite: z.int().min(0).optional(),
  })
  .refine(({ counts, edges }) => edges.length === counts.length + 1, 'one edge more than counts')
  .refine(({ edges }) => edges.every((edge, at) => at === 0 || edge >= (edges[at - 1] ?? edge)), 'edges that rise')
export type HistogramBody = z.infer<typeof histogramBody>

/** A generation: what went in, what came out, and whatever else belongs to it (a reference, a score). */
export const textBody = z.object({
  prompt: cleanText(limits.sampleTextLengthMax).nullable().default(null),
  output: cleanText(limits.sampleTextLengthMax),
  fields: z.record(heading, scalar).default({}),
})
export type TextBody = z.infer<typeof textBody>

const common = {
  key: reportKey.transform(replaceNul),
  step: z.number(),
  epoch: z.number().optional(),
  /** Client's clock, ms. */
  at: z.number(),
  /** Place among the samples of one key at one step. */
  index: z.int().min(0).max(limits.samplesInReportMax).default(0),
  caption: cleanText(limits.captionLengthMax).optional(),
}

/** A sample inside a report. */
export const sampleEvent = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('image'),
    /** Base64 of a PNG, JPEG, GIF or WebP file. */
    data: z.string().max(Math.ceil(limits.sampleBytesMax / 3) * 4),
  }),
  z.object({ ...common, kind: z.literal('table'), body: tableBody }),
  z.object({ ...common, kind: z.literal('histogram'), body: histogramBody }),
  z.object({ ...common, kind: z.literal('text'), body: textBody }),
])
export type SampleEvent = z.infer<typeof sampleEvent>

/** A sample as it is listed. */
export const sample = z.object({
  id: z.int(),
  key: z.string(),
  kind: z.enum(sampleKinds),
  step: z.number(),
  epoch: z.number().nullable(),
  /** Server's clock, ms. */
  time: z.number(),
  index: z.int(),
  attempt: z.int(),
  branch: z.int(),
  caption: z.string().nullable(),
  /** Media type of the content. */
  type: z.enum([...imageTypes, 'application/json']),
  bytes: z.int(),
  /** Of an image, in pixels; null when its file does not say. */
  width: z.int().nullable(),
  height: z.int().nullable(),
  /** Path of the content: an image file, or the body as JSON. */
  content: z.string(),
  /** The body, when it is small: of a table TableBody, of a histogram HistogramBody, of a text TextBody. Else fetch `content`. */
  body: z.union([tableBody, histogramBody, textBody]).nullable(),
})
export type Sample = Omit<z.infer<typeof sample>, 'body'> & { body: TableBody | HistogramBody | TextBody | null }

export const sampleKeysQuery = z.object({
  /** Absent = all keys of the job. */
  key: queryList(z.string(), limits.sampleKeysMax),
  branch: z.coerce.number().int().min(0).optional(),
  /** At most so many steps a key, spread evenly over all, the first and the last among them. */
  steps: z.coerce.number().int().min(2).max(limits.sampleStepsMax).default(1000),
})
export type SampleKeysQuery = z.input<typeof sampleKeysQuery>

export const sampleKey = z.object({
  key: z.string(),
  kinds: z.array(z.enum(sampleKinds)),
  count: z.int(),
  bytes: z.int(),
  /** Steps that have samples, rising. */
  steps: z.array(z.number()),
  /** How many steps there are; more than `steps` has when it was thinned. */
  stepsTotal: z.int(),
  /** Server's clock, ms, of the newest. */
  time: z.number(),
})
export type SampleKey = z.infer<typeof sampleKey>

export const sampleKeysAnswer = z.object({
  job: z.string(),
  keys: z.array(sampleKey),
  /** Samples refused because the job is at its bound. */
  leftOut: z.int(),
})
export type SampleKeysAnswer = z.infer<typeof sampleKeysAnswer>

export const sampleQuery = z
  .object({
    /** Repeat for several; absent = all. */
    key: queryList(z.string(), limits.sampleKeysMax),
    branch: z.coerce.number().int().min(0).optional(),
    /** For each key what was logged last at or before this step; before its first step, what was logged first. */
    step: z.coerce.number().optional(),
    /** A range of steps, ends included, instead. */
    from: z.coerce.number().optional(),
    to: z.coerce.number().optional(),
    limit: z.coerce.number().int().min(1).max(limits.samplePageMax).default(100),
    /** From `next` of the page before. */
    cursor: z.string().max(1024).optional(),
  })
  .refine(({ step, from, to }) => step === undefined || (from === undefined && to === undefined), {
    message: 'either `step`, or `from` and `to`',
    path: ['step'],
  })
export type SampleQuery = z.input<typeof sampleQuery>

/** In the order of step, then as they were logged. */
export const samplePage = z.object({ job: z.string(), samples: z.array(sample), next: z.string().nullable() })
export type SamplePage = { job: string; samples: Sample[]; next: string | null }

/** How many samples a job has, on its page. */
export const sampleCount = z.object({ keys: z.int(), count: z.int(), bytes: z.int(), leftOut: z.int() })
export type SampleCount = z.infer<typeof sampleCount>
