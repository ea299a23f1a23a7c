/** Files of results that lie in folders of the server's machine: what older tools left there, to be looked at and compared. */
import { z } from 'zod'
import { limits } from './limits.ts'

const dataset = z.object({
  /** Number of its folder and path below it, as `0/runs/a.jsonl`. */
  id: z.string(),
  /** Path below its folder. */
  name: z.string(),
  folder: z.string(),
  bytes: z.int(),
  changedAt: z.number(),
})
export type Dataset = z.infer<typeof dataset>

/** By name. `isCut`: there are more than `limits.datasetsShown`. */
export const datasetList = z.object({ datasets: z.array(dataset), isCut: z.boolean() })
export type DatasetList = z.infer<typeof datasetList>

/** `model` is the id; the name is that of an older tool. */
export const datasetQuery = z.object({ model: z.string().min(3).max(limits.uriLengthMax) })
