/** Filters, orders and pages of the API of vast.ai, as far as clients use them. */
import type { Row } from './vast-rows.ts'

type Value = string | number | boolean | null

/** `{ gpu_name: { eq: 'RTX 4090' }, num_gpus: { gte: 2 } }`: all must hold; what is no filter is left out. */
export function matchesRow(row: Row, filters: unknown): boolean {
  if (typeof filters !== 'object' || filters === null) return true
  return Object.entries({ ...filters }).every(([name, tests]: [string, unknown]) => {
    if (typeof tests !== 'object' || tests === null || Array.isArray(tests)) return true
    return Object.entries({ ...tests }).every(([operator, wanted]) => holds(row[name], operator, wanted))
  })
}

function holds(value: unknown, operator: string, wanted: unknown): boolean {
  const [one, other] = [Number(value), Number(wanted)]
  switch (operator) {
    case 'eq':
      return value === wanted
    case 'neq':
      return value !== wanted
    case 'in':
      return Array.isArray(wanted) && wanted.includes(value)
    case 'notin':
      return !Array.isArray(wanted) || !wanted.includes(value)
    case 'gt':
      return one > other
    case 'gte':
      return one >= other
    case 'lt':
      return one < other
    case 'lte':
      return one <= other
    default:
      return true
  }
}

/** `[{ col: 'id', dir: 'asc' }]`, as lists have it, or `[['dph_total', 'asc']]`, as searches have it. */
export function orderRows(rows: readonly Row[], orders: unknown): Row[] {
  const first: unknown = Array.isArray(orders) ? orders[0] : null
  const pair = Array.isArray(first) ? (first as unknown[]) : null // whatever is in it
  const { col, dir } = pair ? { col: pair[0], dir: pair[1] } : readOrder(first)
  const sign = dir === 'desc' ? -1 : 1
  const name = typeof col === 'string' ? col : 'id'
  return rows.toSorted((one, other) => sign * compare(read(one[name]), read(other[name])))
}

function readOrder(order: unknown): { col?: unknown; dir?: unknown } {
  return typeof order === 'object' && order !== null ? order : {}
}

function read(value: unknown): Value {
  return typeof value === 'number' || typeof value === 'string' ? value : null
}

function compare(one: Value, other: Value): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return String(one ?? '') < String(other ?? '') ? -1 : 1
}

/** A page behind a token that only we understand. */
export function takePage(rows: readonly Row[], { limit, token }: { limit: number; token: string | null }) {
  const from = token === null ? 0 : Number(Buffer.from(token, 'base64url').toString())
  const page = rows.slice(from, from + limit)
  const end = from + page.length
  return { page, next: end < rows.length ? Buffer.from(String(end)).toString('base64url') : null }
}
