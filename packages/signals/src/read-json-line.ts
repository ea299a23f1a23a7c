/** Lines of JSON: records of metrics, or structured logs whose message is a line like any other. */
import { type Pair, isNumber, normalizeKey, readNumber } from './metric-scan.ts'
import { metricRole } from './metric-role.ts'

const depthMax = 4
const pairsMax = 2_000
/** Python writes these words, JSON does not know them. */
const bareWords = /([:[,]\s{0,8})(NaN|-?Infinity)(?=\s{0,8}[,\]}])/g

/**
 * The pairs of a JSON object, nested names joined by `/`; the text of its message when it is a structured log without
 * metrics; null when it is no JSON object.
 */
export function readJsonLine(line: string): Pair[] | string | null {
  const record = parseObject(line)
  if (record === null) return null
  const pairs: Pair[] = []
  collectPairs(pairs, record, '', 0)
  const speaks = pairs.some(({ key }) => ['quality', 'step', 'epoch'].includes(metricRole(key)))
  const message = record['message'] ?? record['msg'] ?? record['event']
  return speaks || typeof message !== 'string' || message.startsWith('{') ? pairs : message
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line.replace(bareWords, '$1"$2"'))
    return value as Record<string, unknown> // text that begins with a brace and parses is an object
  } catch {
    return null
  }
}

function collectPairs(pairs: Pair[], record: object, prefix: string, depth: number): void {
  for (const [name, value] of Object.entries<unknown>({ ...record })) {
    if (pairs.length >= pairsMax) return
    const key = prefix + normalizeKey(name)
    if (typeof value === 'number') pairs.push({ key, value })
    else if (typeof value === 'string' && value.length < 32 && isNumber(value))
      pairs.push({ key, value: readNumber(value) })
    else if (isRecord(value) && depth < depthMax) collectPairs(pairs, value, `${key}/`, depth + 1)
  }
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
