import type { ReportAck } from '@pilothouse/contract'
import { frameContentType, paths } from '@pilothouse/contract/wire'
import { formatRouteUrl } from './format-route-url.ts'
import { readError } from './read-error.ts'
import type { ReportSend } from './reporter.ts'

/**
 * Sends frames to the server's report route.
 * @throws PilothouseError from the returned function, with the status of the answer; anything `fetch` throws when there
 * was none.
 */
export function makeReportSend(options: {
  url: string
  uid: string
  token: string
  fetch?: typeof fetch
  /** After so long without an answer the report is tried again, ms. */
  timeoutMs?: number
}): ReportSend {
  const fetchIt = options.fetch ?? globalThis.fetch.bind(globalThis)
  const address = formatRouteUrl(options.url.replace(/\/+$/, ''), 'telemetry.report', { params: { uid: options.uid } })
  return async (bytes, signal) => {
    const response = await fetchIt(address, {
      method: paths['telemetry.report'].method,
      headers: { 'content-type': frameContentType, authorization: `Bearer ${options.token}` },
      body: bytes,
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? 30_000)]),
    })
    if (!response.ok) throw await readRefusal(response)
    return (await response.json()) as ReportAck // our own server answers by the contract
  }
}

/** The server's error, with how long it asks to wait. */
async function readRefusal(response: Response): Promise<Error> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const error = await readError(response)
  return Number.isFinite(seconds) && seconds > 0 ? Object.assign(error, { retryAfterMs: seconds * 1_000 }) : error
}
