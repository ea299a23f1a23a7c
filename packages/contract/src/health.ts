import { z } from 'zod'
import { batchOverview } from './batch.ts'

/** `GET /health`: public; with a token that may see training, the details; with one that may submit batches, `batches`. */
export const health = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  /** Present when degraded: what is wrong, in words. */
  reason: z.string().optional(),
  details: z
    .object({
      uptimeMs: z.number(),
      memoryBytes: z.number(),
      database: z.object({ kind: z.string(), bytes: z.number(), writable: z.boolean() }),
      jobs: z.object({ total: z.int(), live: z.int() }),
      points: z.number(),
      subscribers: z.int(),
    })
    .optional(),
  /** Workers and when each was heard of, the queue, GPUs. Absent also while the storage does not answer. */
  batches: batchOverview.optional(),
})
export type Health = z.infer<typeof health>
