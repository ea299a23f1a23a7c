/** How an answer is asked for as a stream, although the request itself does not: it shows life and speed while it comes. */
import { parseRecord } from './json-record.ts'

const streamable: readonly string[] = ['/v1/chat/completions', '/v1/completions']

/**
 * The body with the wish for a stream added, all else byte for byte: parsing and writing would change large numbers. Null
 * where the body speaks of streaming itself, or is no object, or its path knows no streams that are put together here.
 */
export function askForStream(url: string, body: string): string | null {
  if (!streamable.includes(url)) return null
  const asked = parseRecord(body)
  if (!asked || 'stream' in asked || 'stream_options' in asked) return null
  const before = body.slice(0, body.lastIndexOf('}'))
  const comma = Object.keys(asked).length > 0 ? ',' : ''
  return `${before}${comma}"stream":true,"stream_options":{"include_usage":true}}`
}

/**
 * Whether an engine refuses the stream rather than the request. `options`: it does not know `stream_options`, now and later;
 * `stream`: it cannot stream this one.
 */
export function readStreamRefusal(status: number, body: string): 'options' | 'stream' | null {
  if (status !== 400 && status !== 422) return null
  if (/stream_options|include_usage/i.test(body)) return 'options'
  return /\bstream(ing|ed)?\b/i.test(body) ? 'stream' : null
}
