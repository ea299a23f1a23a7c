import type { MetricAnswer, MetricQuery, RouteAnswer, RouteCall, RouteName } from '@pilothouse/contract'
import { decodeMetricAnswer, frameContentType, paths, PilothouseError } from '@pilothouse/contract/wire'
import { decodeAnswer } from './decode-answer.ts'
import { formatRouteUrl, type RoutePieces } from './format-route-url.ts'
import { readError } from './read-error.ts'

/** Parts of a call that the route asks for: those without a default must be given, the rest may be. */
export type CallInput<Name extends RouteName> = RequiredParts<RouteCall<Name>> &
  OptionalParts<RouteCall<Name>> & { signal?: AbortSignal | undefined }

type RequiredParts<Call> = { [Part in keyof Call as NeedsValue<Call[Part]> extends true ? Part : never]: Call[Part] }
type OptionalParts<Call> = { [Part in keyof Call as NeedsValue<Call[Part]> extends true ? never : Part]?: Call[Part] }
type NeedsValue<Value> = Value extends undefined ? false : Record<never, never> extends Value ? false : true

/** A call without any required part may leave its second argument out. */
type CallArguments<Name extends RouteName> =
  Record<never, never> extends CallInput<Name> ? [input?: CallInput<Name>] : [input: CallInput<Name>]

export type ClientOptions = {
  /** Where the server is, as `http://127.0.0.1:4080`; in its own page the empty text will do. */
  baseUrl: string
  /** Sent as a bearer token. In the page the cookie speaks instead. */
  token?: string
  fetch?: typeof fetch
}

/** A body that is no JSON of the contract, or needs headers of its own. */
export type CallContent = {
  data: string | FormData | ReadableStream<Uint8Array>
  /** Left out for a `FormData`, whose type has a boundary in it. */
  type?: string
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
}

export type Client = {
  readonly baseUrl: string
  readonly token: string | undefined
  readonly fetch: typeof fetch
  /**
   * Calls a route by its name.
   * @throws PilothouseError with the server's code, field and hint; `unavailable` when it cannot be reached.
   */
  call<Name extends RouteName>(name: Name, ...input: CallArguments<Name>): Promise<RouteAnswer<Name>>
  /** The same for answers that are no JSON: the open response, its status already checked. */
  open<Name extends RouteName>(name: Name, input: CallInput<Name>, headers?: Record<string, string>): Promise<Response>
  /** Calls a route whose body is a form, or goes on its way while it is made. */
  send<Name extends RouteName>(name: Name, content: CallContent): Promise<RouteAnswer<Name>>
  /** Series of a job through the binary frame. */
  metrics(uid: string, query?: MetricQuery, signal?: AbortSignal): Promise<MetricAnswer>
  /** Address of a route, for links and downloads. */
  url<Name extends RouteName>(name: Name, ...input: CallArguments<Name>): string
}

/** Makes a client typed by the contract. It holds no connection and no state. */
export function createClient(options: ClientOptions): Client {
  const fetchIt = options.fetch ?? globalThis.fetch.bind(globalThis)
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const base = { baseUrl, token: options.token, fetch: fetchIt }

  async function open(name: RouteName, pieces: RoutePieces, headers: Record<string, string> = {}): Promise<Response> {
    const response = await send(base, name, pieces, headers)
    if (!response.ok) throw await readError(response)
    return response
  }

  async function call(name: RouteName, pieces: RoutePieces = {}): Promise<unknown> {
    const response = await open(name, pieces, { accept: 'application/json' })
    return response.status === 204 ? undefined : decodeAnswer(name, await readJson(response))
  }

  async function upload(name: RouteName, { signal, ...content }: CallContent): Promise<unknown> {
    const response = await open(name, { content, signal }, { accept: 'application/json' })
    return response.status === 204 ? undefined : decodeAnswer(name, await readJson(response))
  }

  async function metrics(uid: string, query: MetricQuery = {}, signal?: AbortSignal): Promise<MetricAnswer> {
    const response = await open('metrics.query', { params: { uid }, query, signal }, { accept: frameContentType })
    return decodeMetricAnswer(new Uint8Array(await response.arrayBuffer()))
  }

  return {
    ...base,
    call: call as Client['call'], // one implementation for every route; the contract types each
    open,
    send: upload as Client['send'], // as `call`
    metrics,
    url: (name: RouteName, pieces: RoutePieces = {}) => formatRouteUrl(baseUrl, name, pieces),
  }
}

async function send(
  { baseUrl, token, fetch: fetchIt }: Pick<Client, 'baseUrl' | 'token' | 'fetch'>,
  name: RouteName,
  pieces: RoutePieces,
  headers: Record<string, string>,
): Promise<Response> {
  const content = pieces.content ?? toJson(pieces.body)
  try {
    return await fetchIt(formatRouteUrl(baseUrl, name, pieces), {
      method: paths[name].method,
      headers: {
        ...headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...content?.headers,
        ...(content?.type === undefined ? {} : { 'content-type': content.type }),
      },
      ...(content === undefined ? {} : { body: content.data }),
      ...(content?.data instanceof ReadableStream ? { duplex: 'half' } : {}),
      ...(pieces.signal ? { signal: pieces.signal } : {}),
    })
  } catch (cause) {
    if (pieces.signal?.aborted) throw cause
    throw new PilothouseError('unavailable', 'The server cannot be reached.', {
      hint: 'Check that it runs and that this machine reaches it.',
      cause,
    })
  }
}

function toJson(body: unknown): RoutePieces['content'] {
  return body === undefined ? undefined : { type: 'application/json', data: JSON.stringify(body) }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (cause) {
    throw new PilothouseError('internal', 'The answer is not valid JSON.', { cause })
  }
}
