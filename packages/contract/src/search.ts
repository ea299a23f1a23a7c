/** What jobs can be searched by, and the values of some of them. */
import { z } from 'zod'
import { jobUid } from './job-uid.ts'
import { limits } from './limits.ts'
import { queryList } from './query-list.ts'
import { valueKinds } from './value-kind.ts'

/** A value of a job: `metric:loss` (its last one), `min:loss`, `max:accuracy`, `config:lr`, `summary:score`. */
export const valueName = z.templateLiteral([z.enum(valueKinds), ':', z.string().min(1).max(limits.keyBytesMax)])
export type ValueName = z.infer<typeof valueName>

export const searchKeysQuery = z.object({
  /** Letters that the name holds; case is ignored. Those that begin with them come first. */
  search: z.string().max(limits.keyBytesMax).default(''),
  kind: z.enum(['metric', 'config', 'summary']).optional(),
  limit: z.coerce.number().int().min(1).max(limits.searchKeysMax).default(20),
})
export const searchKeysAnswer = z.object({
  keys: z.array(z.object({ kind: z.enum(['metric', 'config', 'summary']), key: z.string() })),
})
export type SearchKeysAnswer = z.infer<typeof searchKeysAnswer>

export const searchValuesQuery = z.object({
  uid: queryList(jobUid, limits.searchValueJobsMax),
  value: queryList(valueName, limits.searchColumnsMax),
})
export const searchValuesAnswer = z.object({
  /** By uid, in the order of `value`; null where a job has none. Some seconds old for a job that reports. */
  values: z.record(z.string(), z.array(z.union([z.number(), z.string()]).nullable())),
})
export type SearchValuesAnswer = z.infer<typeof searchValuesAnswer>
