import type { ConfigValue, FlatConfig } from '@pilothouse/contract'

export type FlattenBounds = {
  /** Names at most; what is beyond is counted. */
  namesMax: number
  /** Characters of one text at most; the rest is cut. */
  textMax: number
}

/**
 * Nested configuration under dotted names, in the order of the script. Lists and empty objects become their JSON text, so
 * that two of them are equal when they are written alike. Of two names that meet (`a.b` beside `a: {b}`) the later counts.
 */
export function flattenConfig(
  config: Readonly<Record<string, unknown>>,
  { namesMax, textMax }: FlattenBounds,
): { values: FlatConfig; leftOut: number } {
  const found = new Map<string, ConfigValue>()
  collect(config, '', (name, value) => found.set(name, toConfigValue(value, textMax)))
  const kept = [...found].slice(0, namesMax)
  return { values: Object.fromEntries(kept), leftOut: found.size - kept.length }
}

function collect(config: object, prefix: string, add: (name: string, value: unknown) => void): void {
  for (const [key, value] of Object.entries<unknown>({ ...config }))
    if (isNested(value)) collect(value, `${prefix}${key}.`, add)
    else add(prefix + key, value)
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
}

function toConfigValue(value: unknown, textMax: number): ConfigValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > textMax ? `${text.slice(0, textMax - 1)}…` : text
}
