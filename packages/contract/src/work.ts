/**
 * What workers and the control room say to each other. A worker leases a shard (some requests of one batch), sends its requests
 * to engines, delivers results in groups, and tells now and again that it is alive. A lease has an epoch: once another worker has
 * the shard, what the first one still delivers is refused.
 */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { requestFailureCodes } from './batch-status.ts'
import { modelName } from './engine.ts'
import { limits } from './limits.ts'

const workerName = cleanText(limits.nameLengthMax, 1)
const count = z.int().min(0)

/** A lease: whoever names another epoch than the newest one has lost it. */
const shardLease = z.object({ batchId: z.string().max(limits.nameLengthMax), shard: count, epoch: count })
export type ShardLease = z.infer<typeof shardLease>

export const leaseAsk = z.object({
  worker: workerName,
  /** Requests for this model; null: for any but those of `except`. */
  model: modelName.nullable(),
  except: z.array(modelName).max(limits.engineModelsMax).default([]),
  /** How long the answer may wait until there is something, ms. */
  waitMs: z.int().min(0).max(limits.leaseWaitMsMax).default(0),
})
export type LeaseAsk = z.input<typeof leaseAsk>

const workRequest = z.object({
  /** Its place among the requests of the batch, from 0. */
  at: count,
  /** Its line in the input file, from 1. */
  line: z.int(),
  customId: z.string(),
  /** As JSON text. */
  body: z.string(),
})
export type WorkRequest = z.infer<typeof workRequest>

/** A shard without the requests that have their result already. */
export const workShard = z.object({
  ...shardLease.shape,
  /** The lease is over after so long, unless the worker says that it is alive. */
  leaseMs: z.int(),
  /** Path at the engine, as `/v1/chat/completions`. */
  endpoint: z.string(),
  model: z.string(),
  /** A request may take so long, ms. */
  requestMs: z.int(),
  /** Each in the order in which they are to be sent. */
  requests: z.array(workRequest),
})
export type WorkShard = z.infer<typeof workShard>

/** null: there is nothing now. */
export const leaseAnswer = z.object({ shard: workShard.nullable() })
export type LeaseAnswer = z.infer<typeof leaseAnswer>

/** Tokens that the engine counted. */
const tokenUsage = z.object({
  inputTokens: count,
  cachedTokens: count,
  outputTokens: count,
  reasoningTokens: count,
})

const status = z.int().min(100).max(599)
const requestId = z.string().max(limits.nameLengthMax).nullable()
const workOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answered'), status, requestId, body: z.string(), usage: tokenUsage.nullable() }),
  z.object({
    kind: z.literal('failed'),
    code: z.enum(requestFailureCodes),
    message: z.string(),
    status: status.nullable(),
    requestId,
    /** JSON text, or what the engine sent instead. */
    body: z.string().nullable(),
  }),
])
export type WorkOutcome = z.infer<typeof workOutcome>

const workResult = z.object({
  at: count,
  outcome: workOutcome,
  /** How often it was sent. */
  attempts: count,
  /** From its first sending to its end, ms. */
  tookMs: z.number().min(0),
  /** The engine that was asked last; null where none was. */
  engineId: z.int().nullable(),
})
export type WorkResult = z.infer<typeof workResult>

/** Results of one shard. It is done when each of its requests has one; one that has a result already keeps that. */
export const workDelivery = z.object({
  ...shardLease.shape,
  worker: workerName,
  results: z.array(workResult).max(limits.deliveredResultsMax),
})
export type WorkDelivery = z.infer<typeof workDelivery>

/** `isLost`: nobody wants what this worker still makes of the shard: it is another's, or its batch has ended. */
export const workDelivered = z.object({ isLost: z.boolean() })
export type WorkDelivered = z.infer<typeof workDelivered>

/** How an engine does at a worker. */
const workerSeat = z.object({
  engineId: z.int(),
  inFlight: count,
  limit: count,
  isAway: z.boolean(),
  /** Since the worker started. */
  answered: count,
  failed: count,
  tokens: count,
  latencyMs: z.number(),
})
export type WorkerSeat = z.infer<typeof workerSeat>

export const heartbeat = z.object({
  worker: workerName,
  /** Where it runs, for people. */
  host: cleanText(limits.nameLengthMax),
  leases: z.array(shardLease).max(limits.workerLeasesMax),
  seats: z.array(workerSeat).max(limits.enginesMax),
})
export type Heartbeat = z.infer<typeof heartbeat>

export const heartbeatAnswer = z.object({
  /** Leases that are no longer this worker's. */
  lost: z.array(shardLease),
  /** When to say it again, ms. */
  againMs: z.int(),
})
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswer>

/** Shards that the worker will do no more of: others may have them at once. */
export const giveBack = z.object({ worker: workerName, leases: z.array(shardLease).max(limits.workerLeasesMax) })
export type GiveBack = z.input<typeof giveBack>

export const workEngineQuery = z.object({ model: modelName })
/** Engines that answer for the model now, each with what is needed to ask it: its key is in it. */
export const workEngines = z.object({
  engines: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      baseUrl: z.string(),
      apiKey: z.string().nullable(),
      concurrencyMax: z.int().nullable(),
    }),
  ),
})
export type WorkEngines = z.infer<typeof workEngines>
export type WorkEngine = WorkEngines['engines'][number]
