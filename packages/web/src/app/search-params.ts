/** Reads what stands behind «?» in an address: plain words, repeated for several, nothing encoded twice. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = {}
  for (const [key, value] of new URLSearchParams(text)) {
    const known = record[key]
    record[key] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value]
  }
  return record
}

export function formatSearch(record: Record<string, unknown>): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(record)) {
    const values: unknown[] = Array.isArray(value) ? value : [value]
    for (const one of values) if (typeof one === 'string' || typeof one === 'number') search.append(key, String(one))
  }
  const text = search.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/')
  return text === '' ? '' : `?${text}`
}

/** All values of a parameter, however often it stands there. */
export function readList(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.filter((one): one is string => typeof one === 'string' && one !== '')
}

/** The value if it is one of those allowed. */
export function readChoice<Choice extends string>(value: unknown, choices: readonly Choice[]): Choice | undefined {
  return choices.find((choice) => choice === value)
}
