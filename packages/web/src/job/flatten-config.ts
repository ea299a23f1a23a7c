/** Lines of a configuration at most; beyond, the last line says how many are left. */
const linesMax = 400

/** Nested configuration as dotted names and values, in the order of the script. */
export function flattenConfig(config: Record<string, unknown>): [string, string][] {
  const lines: [string, string][] = []
  for (const [key, value] of Object.entries(config)) collect(value, key, lines)
  if (lines.length <= linesMax) return lines
  return [...lines.slice(0, linesMax), ['…', `and ${lines.length - linesMax} more`]]
}

function collect(value: unknown, name: string, lines: [string, string][]): void {
  const isNested = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  if (!isNested) {
    lines.push([name, typeof value === 'string' ? value : JSON.stringify(value)])
    return
  }
  for (const [key, inner] of Object.entries(value)) collect(inner, `${name}.${key}`, lines)
}
