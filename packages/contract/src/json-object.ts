import { z } from 'zod'
import { limits } from './limits.ts'

type Json = z.core.util.JSONType

/**
 * A JSON object of bounded depth. What arrives was parsed from JSON, so only its depth is looked at, without recursion:
 * what is thousands of levels deep would break whatever walks through it later, a validator included.
 */
const jsonValue = z.any().refine((value) => isShallow(value), {
  error: `nested more than ${limits.jsonDepthMax} levels deep`,
}) as unknown as z.ZodType<Json, Json> // parsed from JSON

export const jsonObject = z.record(z.string(), jsonValue)

function isShallow(value: unknown): boolean {
  let level = [value]
  // The object around it is the first level.
  for (let depth = 1; depth < limits.jsonDepthMax; depth += 1) {
    level = level.flatMap((one) => (isNested(one) ? Object.values(one) : []))
    if (level.length === 0) return true
  }
  return !level.some(isNested)
}

function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
