/** Nested configuration as the flat values that jobs are searched and sorted by. Pure. */

/** Longer words are not searched: nobody looks for a prompt by all of it. */
const wordLengthMax = 256
/** Objects within objects, deeper than any configuration that people write. */
const depthMax = 16

export type FlatValue = { key: string; number: number | null; word: string | null }

/**
 * Dotted names and values in the order of the object, at most `max`. Booleans and null are words; lists are words in JSON,
 * where they are short enough.
 */
export function flattenValues(object: unknown, max: number): FlatValue[] {
  const found: FlatValue[] = []
  collect(object, { name: '', depth: 0, max }, found)
  return found
}

type Place = { name: string; depth: number; max: number }

function collect(value: unknown, place: Place, found: FlatValue[]): void {
  const { name, depth, max } = place
  if (found.length >= max || depth > depthMax) return
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value))
      collect(inner, { name: name === '' ? key : `${name}.${key}`, depth: depth + 1, max }, found)
    return
  }
  if (name === '') return
  if (typeof value === 'number') found.push({ key: name, number: value, word: null })
  else {
    const word = typeof value === 'string' ? value : JSON.stringify(value)
    if (word.length <= wordLengthMax) found.push({ key: name, number: null, word })
  }
}
