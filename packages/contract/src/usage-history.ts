/** What became of the jobs of a project or a target, what they took, and what of that they used. */
import { z } from 'zod'
import { limits } from './limits.ts'

export const usageHistoryQuery = z
  .object({
    /** Names; with both, jobs that have both. */
    project: z.string().max(limits.nameLengthMax).optional(),
    target: z.string().max(limits.nameLengthMax).optional(),
    /** When jobs ended, ms; absent: since the first one. */
    from: z.coerce.number().int().min(0).optional(),
    until: z.coerce.number().int().min(0),
    /** Parts of equal length. */
    parts: z.coerce.number().int().min(1).max(limits.historyPartsMax).default(30),
  })
  .refine(({ from, until }) => until > (from ?? 0), { path: ['until'], message: 'until must lie after from' })
export type UsageHistoryQuery = z.input<typeof usageHistoryQuery>

const counts = { completed: z.int(), failed: z.int(), cancelled: z.int(), lost: z.int() }
const spent = {
  jobs: z.int(),
  failed: z.int(),
  /** Of all attempts, and the same times the GPUs of each job. */
  hours: z.number(),
  gpuHours: z.number(),
  cost: z.number(),
}
/** Over the jobs that it is known of, ms; null without any. */
const spread = z.object({ jobs: z.int(), median: z.number().nullable(), p90: z.number().nullable() })
/** What was used / what was asked for, over the jobs that both are known of; null without any. */
const share = z.object({ jobs: z.int(), share: z.number().nullable() })
/** The largest first; `null` where nobody said. */
const group = z.object({ name: z.string().nullable(), ...spent })

export const usageHistory = z.object({
  from: z.number(),
  until: z.number(),
  /** Jobs by outcome, where they ended. */
  parts: z.array(z.object({ at: z.number(), ...counts })),
  total: z.object({
    ...counts,
    jobs: z.int(),
    hours: z.number(),
    gpuHours: z.number(),
    cost: z.number(),
    unpricedHours: z.number(),
  }),
  /** Of all costs; null where nobody set rates. */
  currency: z.string().nullable(),
  /** From the submission of launched jobs to their first start. */
  waited: spread,
  /** All attempts of a job together. */
  ran: spread,
  members: z.array(group),
  /** By target, with the partition where one was asked for. */
  places: z.array(group),
  gpus: z.array(group),
  use: z.object({
    /** How long the last attempt ran / its time limit. */
    time: share,
    /** The mean use of the GPUs, weighed by their hours. */
    gpus: share,
    /** The most memory of its processes on one host / the memory asked for on each node. */
    memory: share,
  }),
  /** Why jobs did not complete, the most frequent first: id of a diagnosis rule, `unknown`, `cancelled` or `lost`. */
  causes: z.array(z.object({ cause: z.string(), jobs: z.int() })),
})
export type UsageHistory = z.infer<typeof usageHistory>
export type UsageGroup = UsageHistory['members'][number]
