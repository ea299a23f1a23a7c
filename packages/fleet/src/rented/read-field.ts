/** Fields of what a provider answers, read with patience: any may be missing, null or of another type than it was. */

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is no object has no fields. */
export function toFields(value: unknown): Fields {
  return isFields(value) ? value : {}
}

export function listFields(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

/** Without blanks around it; a number counts as its digits. */
export function readWord(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'string') return null
  const word = value.trim()
  return word === '' ? null : word
}

/** A number, or a text that is one. */
export function readNumber(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

/** The same where less than nothing means that nobody knows. */
export function readAmount(value: unknown, factor = 1): number | null {
  const number = readNumber(value)
  return number === null || number < 0 ? null : number * factor
}

export function readCount(value: unknown): number {
  return Math.trunc(readAmount(value) ?? 0)
}

/** A date in words of ISO 8601, in ms. */
export function readDate(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : time
}

/** A port that can be connected to. */
export function readPort(value: unknown): number | null {
  const port = readNumber(value)
  return port !== null && Number.isInteger(port) && port > 0 && port < 65_536 ? port : null
}
