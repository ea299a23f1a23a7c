import type { ImportProblem } from '@pilothouse/contract'
import type { ValueReader } from './value-readers.ts'

/** Takes fields out of one object by any of their names, and remembers what was wrong and what nobody asked for. */
export class FieldPicker {
  readonly problems: ImportProblem[] = []
  readonly #place: string
  readonly #prefix: string
  readonly #left = new Map<string, { name: string; value: unknown }>()

  constructor(value: Record<string, unknown>, { place, prefix = '' }: { place: string; prefix?: string }) {
    this.#place = place
    this.#prefix = prefix
    // The first of two names that mean the same stands; the other is left over and kept.
    for (const [name, one] of Object.entries(value)) {
      const key = normaliseName(name)
      this.#left.set(this.#left.has(key) ? name : key, { name, value: one })
    }
  }

  /** The value under the first of `names` that has one which is understood. Case, `_`, `-` and spaces do not count. */
  take<Value>(names: readonly string[], reader: ValueReader<Value>): Value | undefined {
    for (const key of names.map(normaliseName)) {
      const found = this.#left.get(key)
      if (found === undefined) continue
      if (found.value === null || found.value === '') {
        this.#left.delete(key)
        continue
      }
      const value = reader.read(found.value)
      if (value !== undefined) {
        this.#left.delete(key)
        return value
      }
      this.complain(found.name, found.value, reader.expected)
    }
    return undefined
  }

  complain(name: string, value: unknown, expected: string): void {
    const field = `${this.#prefix}${name}`
    this.problems.push({ place: this.#place, field, message: `${field} is ${describe(value)}.`, expected })
  }

  /** Everything that nobody took, by its own names. */
  rest(): Record<string, unknown> {
    const kept = [...this.#left.values()].filter(({ value }) => value !== null && value !== '')
    return Object.fromEntries(kept.map(({ name, value }) => [name, value]))
  }
}

function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '')
}

/** Of a wrong value so much is shown that its owner finds it. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = String(value)
  return `«${text.length > 80 ? `${text.slice(0, 79)}…` : text}»`
}
