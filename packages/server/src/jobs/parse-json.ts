/** Reads JSON of our own columns: only this server writes them, and it wrote a `Value`. */
export function parseJson<Value>(text: string): Value
export function parseJson<Value>(text: string | null): Value | null
export function parseJson(text: string | null): unknown {
  const value: unknown = text === null ? null : JSON.parse(text)
  return value
}
