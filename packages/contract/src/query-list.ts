import { z } from 'zod'

/** A query parameter that may be repeated: one value or several arrive, a list comes out; absent stays absent. */
export function queryList<Item extends z.ZodType>(item: Item, itemsMax = 1000) {
  return z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item).max(itemsMax).optional(),
  )
}
