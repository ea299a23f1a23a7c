/** Batches of OpenAI's Batch API (openapi.yaml 2.3.0, `/batches`), field by field, so that its clients work here. */
import { z } from 'zod'
import { batchStatuses } from './batch-status.ts'
import { cleanText } from './clean-text.ts'
import { modelName } from './engine.ts'
import { fileIdPattern } from './file.ts'
import { limits } from './limits.ts'

/** As ids of files: when it was made in ms (12 hexadecimal digits), then 20 at random. */
export const batchIdPattern = /^batch_[0-9a-f]{32}$/

const seconds = z.int().nullable()

export const openAiBatch = z.object({
  id: z.string(),
  object: z.literal('batch'),
  endpoint: z.string(),
  /** null until the input is read. */
  model: z.string().nullable(),
  errors: z
    .object({
      object: z.literal('list'),
      data: z.array(
        z.object({
          code: z.string(),
          message: z.string(),
          param: z.string().nullable(),
          line: z.int().nullable(),
        }),
      ),
    })
    .nullable(),
  input_file_id: z.string(),
  completion_window: z.string(),
  status: z.enum(batchStatuses),
  output_file_id: z.string().nullable(),
  error_file_id: z.string().nullable(),
  created_at: z.int(),
  in_progress_at: seconds,
  expires_at: seconds,
  finalizing_at: seconds,
  completed_at: seconds,
  failed_at: seconds,
  expired_at: seconds,
  cancelling_at: seconds,
  cancelled_at: seconds,
  request_counts: z.object({ total: z.int(), completed: z.int(), failed: z.int() }),
  usage: z.object({
    input_tokens: z.int(),
    input_tokens_details: z.object({ cached_tokens: z.int() }),
    output_tokens: z.int(),
    output_tokens_details: z.object({ reasoning_tokens: z.int() }),
    total_tokens: z.int(),
  }),
  metadata: z.record(z.string(), z.string()).nullable(),
})
export type OpenAiBatch = z.infer<typeof openAiBatch>

/** A path below `/v1` at the engine. */
export const batchEndpoint = z
  .string()
  .max(limits.nameLengthMax)
  .regex(/^\/v1(\/[\w.-]+)+$/, 'a path below /v1, as /v1/chat/completions')

/** A number and a unit, s, m, h or d: how long the batch may take. What is not done by then comes back as `batch_expired`. */
export const completionWindowPattern = /^[1-9]\d{0,5}[smhd]$/
const completionWindow = z.string().regex(completionWindowPattern, 'a time as 90s, 30m, 24h or 7d').default('24h')

const metadata = z
  .record(cleanText(limits.batchMetadataKeyLengthMax, 1), cleanText(limits.batchMetadataValueLengthMax))
  .refine((pairs) => Object.keys(pairs).length <= limits.batchMetadataMax, `at most ${limits.batchMetadataMax} pairs`)

/** Fields that OpenAI's API does not have are ours, and optional. */
export const openAiBatchCreate = z.object({
  input_file_id: z.string().regex(fileIdPattern, 'the id of a file'),
  endpoint: batchEndpoint,
  completion_window: completionWindow,
  metadata: metadata.nullish().transform((pairs) => pairs ?? null),
  /** From the end of the batch its files are kept for so long; absent: until somebody deletes them. */
  output_expires_after: z
    .object({
      anchor: z.literal('created_at'),
      seconds: z.int().min(limits.fileLifeSecondsMin).max(limits.fileLifeSecondsMax),
    })
    .nullish(),
  /** Ours: asked for instead of what each body says. */
  model: modelName.nullish(),
  /** Ours: batches with a higher one come first; 0 is usual. */
  priority: z.int().min(limits.batchPriorityMin).max(limits.batchPriorityMax).default(0),
  /** Ours: results stand in the order of the input. */
  ordered: z.boolean().default(false),
  /** Ours: a channel, by its id, on which its end is told, however it ends. */
  notify: z.int().min(1).nullish(),
})
export type OpenAiBatchCreate = z.input<typeof openAiBatchCreate>

/** The form of the seed: a part `file` beside these. */
export const batchForm = z.object({
  model: modelName.optional(),
  endpoint: batchEndpoint.default('/v1/chat/completions'),
  completion_window: completionWindow,
  notify: z.coerce.number().int().min(1).optional(),
})

export const openAiBatchQuery = z.object({
  limit: z.coerce.number().int().min(1).max(limits.batchPageMax).default(20),
  /** The last one of the page before. */
  after: z.string().regex(batchIdPattern, 'the id of a batch').optional(),
})

/** One's own, admins see all; the newest first. */
export const openAiBatchList = z.object({
  object: z.literal('list'),
  data: z.array(openAiBatch),
  has_more: z.boolean(),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
})
export type OpenAiBatchList = z.infer<typeof openAiBatchList>

export const ofBatch = z.object({ id: z.string().min(1).max(limits.nameLengthMax) })
