/** The text of `clusters.yaml`, for those who change it from outside its machine. */
import { z } from 'zod'
import { clusterFault } from './cluster.ts'

/** What a text would mean if it were that of the file. */
export const clustersTextCheck = z.object({
  faults: z.array(clusterFault),
  /** Of clusters and hosts, in this order; none where there are faults. */
  names: z.array(z.string()),
})
export type ClustersTextCheck = z.infer<typeof clustersTextCheck>

export const clustersText = clustersTextCheck.extend({
  path: z.string(),
  /** Null: there is no file yet, or it cannot be told as text; then `obstacle` says why. */
  text: z.string().nullable(),
  /** Names the file as it was read: the SHA-256 of its bytes. Null: there is none, or it could not be read. */
  revision: z.string().nullable(),
  /** Why it cannot be changed from here, and what to do; null: it can. */
  obstacle: z.string().nullable(),
  /** What the last change from here has replaced, and when, server's clock, ms. */
  before: z.object({ text: z.string(), at: z.number() }).nullable(),
})
export type ClustersText = z.infer<typeof clustersText>

const text = z.string().refine((one) => one.isWellFormed(), 'text without halves of characters')

export const clustersTextDraft = z.strictObject({ text })

export const clustersTextChange = z.strictObject({
  text,
  /** The `revision` of the file that was looked at; null: there was none. */
  seen: z.string().nullable(),
})
export type ClustersTextChange = z.infer<typeof clustersTextChange>
