/** Weights & Biases: the keys that its API is asked with, and the runs of jobs that are followed there. */
import { z } from 'zod'
import { limits } from './limits.ts'
import { toWandbApi, wandbService, wandbStatuses } from './wandb-status.ts'

/** Address of a W&B server, that of its page or of its API; the public service unless it is named. */
const baseUrl = z
  .url({ protocol: /^https?$/ })
  .max(limits.uriLengthMax)
  .default(wandbService)
  .transform(toWandbApi)

export const wandbServer = z.object({ baseUrl })
export type WandbServer = z.input<typeof wandbServer>

export const wandbKeySet = z.object({
  baseUrl,
  /** It goes in and never comes out again. */
  key: z.string().regex(/^[\x21-\x7e]{20,512}$/, 'an API key, without spaces'),
})
export type WandbKeySet = z.input<typeof wandbKeySet>

/** A key that the caller's jobs are followed with, without the key itself. */
export const wandbKey = z.object({
  /** Of the API. */
  baseUrl: z.string(),
  /** The caller's own, or that of the user that the server runs as, from WANDB_API_KEY or the netrc file. */
  source: z.enum(['member', 'environment', 'netrc']),
  /** Whose it is over there; null where W&B has not been reached with it. */
  user: z.string().nullable(),
  createdAt: z.number().nullable(),
  /** When W&B answered, or was tried, last; null: never. */
  checkedAt: z.number().nullable(),
  /** Why it is of no use, in words; null when W&B took it. */
  fault: z.string().nullable(),
})
export type WandbKey = z.infer<typeof wandbKey>
/** The caller's own first. */
export const wandbKeyList = z.object({ keys: z.array(wandbKey) })
export type WandbKeyList = z.infer<typeof wandbKeyList>

/** A run that the log of a job names. */
export const wandbRun = z.object({
  /** Its page. */
  url: z.string(),
  /** Of the API. */
  baseUrl: z.string(),
  /** `entity/project/id`. */
  path: z.string(),
  name: z.string().nullable(),
  /** As W&B calls it: running, finished, crashed …; null before it was asked. */
  state: z.string().nullable(),
  status: z.enum(wandbStatuses),
  /** Why it is not `synced`, in words. */
  message: z.string().nullable(),
  /** What names of its metrics begin with here. */
  prefix: z.string(),
  /** Metrics that the job reports itself under the same name: they are not taken twice. */
  ownKeys: z.int(),
  /** All before this step are stored. */
  nextStep: z.number(),
  syncedAt: z.number().nullable(),
  heartbeatAt: z.number().nullable(),
})
export type WandbRun = z.infer<typeof wandbRun>
