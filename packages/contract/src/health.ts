import { z } from 'zod'

/** `GET /health`: public; with a token that may see training, the rest. */
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
})
export type Health = z.infer<typeof health>
