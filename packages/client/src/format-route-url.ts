import type { RouteName } from '@pilothouse/contract'
import { paths } from '@pilothouse/contract/wire'
import type { CallContent } from './create-client.ts'

/** What a call consists of, whichever route it is for. */
export type RoutePieces = {
  params?: unknown
  query?: unknown
  body?: unknown
  /** Instead of `body`. */
  content?: Omit<CallContent, 'signal'> | undefined
  signal?: AbortSignal | undefined
}

/** Puts parameters and query into the address of a route; a list becomes a repeated parameter, undefined is left out. */
export function formatRouteUrl(baseUrl: string, name: RouteName, pieces: RoutePieces): string {
  const params = asRecord(pieces.params)
  const path = paths[name].path.replace(/:([a-zA-Z]+)/g, (_, key: string) =>
    encodeURIComponent(formatPart(params[key])),
  )
  const search = formatSearch(asRecord(pieces.query))
  return `${baseUrl}${path}${search}`
}

function formatSearch(query: Record<string, unknown>): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) search.append(key, formatPart(one))
    }
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

function formatPart(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {} // an object, keys unknown
}
