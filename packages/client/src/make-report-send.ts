import type { ReportAck, ReportAnswers, RouteName } from '@pilothouse/contract'
import { frameContentType, framesContentType, joinFrames, paths, PilothouseError } from '@pilothouse/contract/wire'
import { formatRouteUrl } from './format-route-url.ts'
import { readError, toError } from './read-error.ts'
import type { ReportSend } from './reporter.ts'

export type ReportSendOptions = {
  url: string
  uid: string
  token: string
  fetch?: typeof fetch
  /** After so long without an answer the report is tried again, ms. */
  timeoutMs?: number
}

/** Sends several reports at once. One answer each, in their order: stored, or why it is refused for good. */
export type ReportRowSend = (
  frames: readonly Uint8Array[],
  signal: AbortSignal,
) => Promise<(ReportAck | PilothouseError)[]>

/**
 * Sends frames to the server's report route.
 * @throws PilothouseError from the returned function, with the status of the answer; anything `fetch` throws when there
 * was none.
 */
export function makeReportSend(options: ReportSendOptions): ReportSend {
  const post = makePost('telemetry.report', frameContentType, options)
  return async (bytes, signal) => (await post(bytes, signal)) as ReportAck // our own server answers by the contract
}

/**
 * Sends rows of frames, within `reportsInRowMax` and `reportRowBytesMax`, to the route that stores a row in one commit.
 * @throws as `makeReportSend`; then nothing of the row is stored.
 */
export function makeReportRowSend(options: ReportSendOptions): ReportRowSend {
  const post = makePost('telemetry.report-many', framesContentType, options)
  return async (frames, signal) => {
    const { answers } = (await post(joinFrames(frames), signal)) as ReportAnswers // as above
    if (answers.length !== frames.length)
      throw new PilothouseError('internal', `The server answered ${answers.length} of ${frames.length} reports.`)
    return answers.map((answer) => ('error' in answer ? toError(answer) : answer))
  }
}

function makePost(name: RouteName, contentType: string, options: ReportSendOptions) {
  const fetchIt = options.fetch ?? globalThis.fetch.bind(globalThis)
  const address = formatRouteUrl(options.url.replace(/\/+$/, ''), name, { params: { uid: options.uid } })
  return async (bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<unknown> => {
    const response = await fetchIt(address, {
      method: paths[name].method,
      headers: { 'content-type': contentType, authorization: `Bearer ${options.token}` },
      body: bytes,
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? 30_000)]),
    })
    if (!response.ok) throw await readRefusal(response)
    return response.json()
  }
}

/** The server's error, with how long it asks to wait. */
async function readRefusal(response: Response): Promise<Error> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const error = await readError(response)
  return Number.isFinite(seconds) && seconds > 0 ? Object.assign(error, { retryAfterMs: seconds * 1_000 }) : error
}
