/** Batches as the page and the terminal see them; times in ms since 1970. `openai-batch.ts` has the same as OpenAI's clients do. */
import { z } from 'zod'
import { batchGroups, batchStatuses, requestFailureCodes } from './batch-status.ts'
import { cleanText } from './clean-text.ts'
import { modelName } from './engine.ts'
import { fileIdPattern } from './file.ts'
import { limits } from './limits.ts'
import { batchEndpoint, batchIdPattern } from './openai-batch.ts'

const count = z.int()
const time = z.number()
/** That of the rate card, which prices of engines are given in: told here since only admins read the card. ISO 4217. */
const currency = z.string()

/** Requests and tokens, of a batch or of several. */
const batchCounts = z.object({
  total: count,
  completed: count,
  failed: count,
  inputTokens: count,
  cachedTokens: count,
  outputTokens: count,
  reasoningTokens: count,
})

/** When the rest is done if it goes on as in the last minutes; null where nothing can be said. */
const batchEta = z.object({ leftMs: z.number(), leftMsMin: z.number(), leftMsMax: z.number() })

/** One row of a list. */
export const batchCard = z.object({
  id: z.string(),
  /** Of its input file. */
  name: z.string(),
  owner: z.object({ id: z.int(), name: z.string() }),
  status: z.enum(batchStatuses),
  endpoint: z.string(),
  /** null until the input is read. */
  model: z.string().nullable(),
  priority: z.int(),
  counts: batchCounts,
  /** null where no engine that answered has a price for the model. */
  cost: z.number().nullable(),
  currency,
  /** Of the last minutes while it is active, else of the whole time in which it was in progress; null before. */
  requestsPerSecond: z.number().nullable(),
  tokensPerSecond: z.number().nullable(),
  eta: batchEta.nullable(),
  /** Why nothing goes on although it could, one sentence; null where it does. */
  trouble: z.string().nullable(),
  createdAt: time,
  startedAt: time.nullable(),
  expiresAt: time,
  endedAt: time.nullable(),
  /** The batch whose failed requests it sends again. */
  parentId: z.string().nullable(),
})
export type BatchCard = z.infer<typeof batchCard>

export const batchListQuery = z.object({
  group: z.enum(batchGroups).optional(),
  model: modelName.optional(),
  /** Part of the name of the input, of the model, or of the id. */
  text: cleanText(limits.nameLengthMax).optional(),
  limit: z.coerce.number().int().min(1).max(limits.batchPageMax).default(50),
  after: z.string().regex(batchIdPattern, 'the id of a batch').optional(),
})

/** One's own, admins see all; the newest first. */
export const batchList = z.object({
  batches: z.array(batchCard),
  hasMore: z.boolean(),
  /** Of each group, whatever was asked for. */
  groupCounts: z.object({ active: count, completed: count, failed: count }),
})
export type BatchList = z.infer<typeof batchList>

/** The first faults of the input, and how many there are. */
const inputFaults = z.object({
  count,
  shown: z.array(
    z.object({ code: z.string(), message: z.string(), param: z.string().nullable(), line: z.int().nullable() }),
  ),
})

/** What was done by a point in time; two of them make a rate. */
const batchPoint = z.object({
  at: time,
  completed: count,
  failed: count,
  inputTokens: count,
  outputTokens: count,
})
export type BatchPoint = z.infer<typeof batchPoint>

export const batchDetail = z.object({
  ...batchCard.shape,
  inputFileId: z.string(),
  /** null until there is one; nothing stands in a file that there is not. */
  outputFileId: z.string().nullable(),
  errorFileId: z.string().nullable(),
  completionWindow: z.string(),
  metadata: z.record(z.string(), z.string()).nullable(),
  ordered: z.boolean(),
  faults: inputFaults.nullable(),
  /** By number, the most first. */
  failures: z.array(z.object({ code: z.enum(requestFailureCodes), count })),
  /** By time, at most `limits.batchPointsMax`. */
  history: z.array(batchPoint),
  timeline: z.array(z.object({ status: z.enum(batchStatuses), at: time })),
  /** Batches that send its failed requests again. */
  children: z.array(z.object({ id: z.string(), status: z.enum(batchStatuses) })),
  /** Engines that work on it now, and workers. */
  workers: z.array(z.string()),
})
export type BatchDetail = z.infer<typeof batchDetail>

/** A request that has failed for good, and is kept to be sent again. */
const deadLetter = z.object({
  line: z.int(),
  customId: z.string(),
  code: z.enum(requestFailureCodes),
  message: z.string(),
  status: z.int().nullable(),
  attempts: count,
  tookMs: z.number(),
  at: time,
  /** What was asked, as JSON text; null where it is longer than `limits.deadLetterBodyMax`. */
  body: z.string().nullable(),
})
export type DeadLetter = z.infer<typeof deadLetter>

export const deadLetterQuery = z.object({
  code: z.enum(requestFailureCodes).optional(),
  limit: z.coerce.number().int().min(1).max(limits.deadLetterPageMax).default(50),
  /** The last line of the page before. */
  after: z.coerce.number().int().min(0).default(0),
})
/** By line. */
export const deadLetterPage = z.object({ letters: z.array(deadLetter), hasMore: z.boolean() })
export type DeadLetterPage = z.infer<typeof deadLetterPage>

const line = z.int().min(1)
export const batchRetry = z.object({
  /** Lines of requests that failed; absent: all of them. */
  lines: z.array(line).min(1).max(limits.batchRetryLinesMax).optional(),
  /** Bodies that are sent instead, as JSON text. */
  edits: z
    .array(z.object({ line, body: z.string().max(limits.deadLetterBodyMax) }))
    .max(limits.deadLetterPageMax)
    .default([]),
  /** Asked for instead of the model of the batch. */
  model: modelName.optional(),
})
export type BatchRetry = z.input<typeof batchRetry>

const batchLogLine = z.object({ n: z.int(), at: time, level: z.enum(['info', 'warning', 'error']), text: z.string() })
export const batchLogQuery = z.object({ after: z.coerce.number().int().min(0).default(0) })
/** By time; what is beyond `limits.batchLogLinesMax` is dropped, the oldest first. */
export const batchLog = z.object({ lines: z.array(batchLogLine) })
export type BatchLog = z.infer<typeof batchLog>

export const batchCheck = z.object({
  inputFileId: z.string().regex(fileIdPattern, 'the id of a file'),
  endpoint: batchEndpoint,
  model: modelName.optional(),
})
/** What would come of a batch, before there is one. */
export const batchChecked = z.object({
  requests: count,
  model: z.string().nullable(),
  faults: inputFaults.nullable(),
  /** Why it would be refused now; null where it would be taken. */
  refusal: z.string().nullable(),
  /** null where there are faults. */
  estimate: z
    .object({
      inputTokens: count,
      /** At most, as far as the requests say. */
      outputTokens: count,
      cost: z.number().nullable(),
      currency,
      durationMs: z.number().nullable(),
      /** Batches that come before it. */
      position: count,
      requestsBefore: count,
    })
    .nullable(),
})
export type BatchChecked = z.infer<typeof batchChecked>

const workerCard = z.object({
  name: z.string(),
  host: z.string(),
  /** When it told of itself last, ms since 1970. */
  heardAt: time,
  isInServer: z.boolean(),
  leases: count,
  inFlight: count,
  tokensPerSecond: z.number(),
  requestsPerSecond: z.number(),
})

/** GPUs of the server's machine, as they are now. */
export const gpuOverview = z.object({
  /** `none`: no GPU; `failed`: nvidia-smi does not answer. */
  gpuState: z.enum(['ok', 'none', 'failed']),
  gpus: z.array(
    z.object({
      index: z.int(),
      name: z.string(),
      utilisation: z.number().nullable(),
      memoryUsedBytes: z.number().nullable(),
      memoryTotalBytes: z.number().nullable(),
      temperature: z.number().nullable(),
    }),
  ),
})

/** What the cards above the lists show: workers, the queue, GPUs of this machine. */
export const batchOverview = z.object({
  workers: z.array(workerCard),
  queue: z.object({ batches: count, requests: count, requestsMax: count }),
  ...gpuOverview.shape,
})
export type BatchOverview = z.infer<typeof batchOverview>

export const batchUsageQuery = z.object({ from: z.coerce.number().optional(), to: z.coerce.number().optional() })
/** Requests, tokens and cost of batches by member and model. */
export const batchUsage = z.object({
  rows: z.array(
    z.object({
      member: z.object({ id: z.int(), name: z.string() }),
      model: z.string().nullable(),
      batches: count,
      ...batchCounts.shape,
      cost: z.number().nullable(),
    }),
  ),
  currency,
})
export type BatchUsage = z.infer<typeof batchUsage>
