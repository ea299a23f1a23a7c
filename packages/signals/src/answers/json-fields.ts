/** Parts of JSON that others have written: whatever is not as thought is simply not there. */

/** Of an object; undefined for one without it, and for all else. */
export function field(value: unknown, key: string): unknown {
  // What stands in a prototype, such as `constructor`, was not written.
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** undefined for text that is no JSON, as a line that is cut off. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // who asks counts or skips such lines
  }
}
