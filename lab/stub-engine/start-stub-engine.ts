/**
 * A STAND-IN for an inference engine, for tests and measurements: there is no model behind it. It listens on a real socket, speaks
 * OpenAI's API as vLLM does (chat, completions, embeddings, responses, models, metrics, health), echoes what it is asked, takes
 * its time like something with a knee in its throughput, and does wrong what a test tells it to.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sendStream, sendWhole } from './send-stub-answer.ts'
import { answerTo, type Fields, isFields } from './stub-answers.ts'
import { drawFault, type Fault, type Faults, noFaults } from './stub-faults.ts'
import { writeMetrics } from './stub-metrics.ts'
import { type ServiceOptions, StubService } from './stub-service.ts'

export type StubEngineOptions = Partial<ServiceOptions> & {
  /** Answers take no time; the figures of service are unused then. */
  instant?: boolean
  model?: string
  /** Path under which it stands, as behind a proxy. */
  prefix?: string
  /** When given, requests without it are refused. */
  apiKey?: string
  /** Of what is drawn for `faults.random`. */
  seed?: number
}

export type SeenRequest = { path: string; headers: IncomingMessage['headers']; body: string }

export type StubEngine = {
  /** Without `/v1`. */
  url: string
  faults: Faults
  /** How often each prompt was answered, whole and unharmed. */
  counts: Map<string, number>
  /** Requests for answers that came in, whatever became of them. */
  received: () => number
  last: () => SeenRequest | null
  connections: () => { opened: number; open: number }
  service: StubService | null
  /** Cuts all connections and listens no more. */
  stop: () => Promise<void>
  /** Listens again, on the same port. */
  start: () => Promise<void>
  close: () => Promise<void>
}

const calm: ServiceOptions = { slots: 16, runningMax: 64, tokensPerSecond: 100, degradation: 0.3 }

/** Starts one on a free port of this machine. */
export async function startStubEngine({
  instant = false,
  model = 'stub',
  prefix = '',
  apiKey,
  seed = 1,
  ...service
}: StubEngineOptions = {}): Promise<StubEngine> {
  const state: State = {
    model,
    prefix,
    apiKey: apiKey ?? null,
    random: makeRandom(seed),
    faults: noFaults(),
    service: instant ? null : new StubService({ ...calm, ...service }),
    counts: new Map(),
    received: 0,
    connections: { opened: 0, open: 0 },
    last: null,
    promptTokens: 0,
    generatedTokens: 0,
  }
  let server = openServer(state)
  await listen(server, 0)
  const { port } = server.address() as AddressInfo // it listens on a port
  const stop = async () => closeServer(server)
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    faults: state.faults,
    counts: state.counts,
    received: () => state.received,
    last: () => state.last,
    connections: () => ({ ...state.connections }),
    service: state.service,
    stop,
    start: async () => {
      server = openServer(state)
      await listen(server, port)
    },
    close: stop,
  }
}

type State = {
  model: string
  prefix: string
  apiKey: string | null
  random: () => number
  faults: Faults
  service: StubService | null
  counts: Map<string, number>
  received: number
  connections: { opened: number; open: number }
  last: SeenRequest | null
  promptTokens: number
  generatedTokens: number
}

function openServer(state: State): Server {
  // Node's own limit would tell clients of itself in a header, which engines do not.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void handle(state, request, response)
  })
  server.on('connection', (socket) => {
    state.connections.opened += 1
    state.connections.open += 1
    socket.on('close', () => (state.connections.open -= 1))
    socket.on('error', () => {}) // clients may go as they like
  })
  return server
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

/** Node closes a connection whose time has run out when nobody else sees to it. */
function closeWhenIdle({ faults }: State, response: ServerResponse): void {
  const { socket } = response
  socket?.setTimeout(0)
  response.on('finish', () => socket?.setTimeout(faults.closesIdleAfterMs ?? 0))
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  closeWhenIdle(state, response)
  const body = await readBody(request)
  if (body === null) return
  const { pathname } = new URL(request.url ?? '/', 'http://stub')
  const path = pathname.startsWith(`${state.prefix}/`) ? pathname.slice(state.prefix.length) : null
  if (path === null) return refuse(response, 404, 'Not Found')
  if (state.apiKey !== null && request.headers.authorization !== `Bearer ${state.apiKey}`) {
    return refuse(response, 401, 'Unauthorized')
  }
  if (request.method === 'GET') return answerQuestion(state, path, response)
  state.received += 1
  state.last = { path, headers: request.headers, body }
  const fault = drawFault(state.faults, state.random)
  if (fault && misbehave(fault, response)) return
  await answerRequest(state, { path, body, fault, response })
}

function answerQuestion(state: State, path: string, response: ServerResponse): void {
  const { model, service, promptTokens, generatedTokens } = state
  switch (path) {
    case '/health':
      response.end()
      return
    case '/v1/models':
      sendJson(response, 200, { object: 'list', data: [{ id: model, object: 'model', owned_by: 'stub' }] })
      return
    case '/metrics': {
      const { running = 0, waiting = 0, preemptions = 0 } = service ?? {}
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8')
      response.end(writeMetrics({ running, waiting, preemptions, promptTokens, generatedTokens }, model))
      return
    }
    default:
      refuse(response, 404, 'Not Found')
  }
}

/** Faults in place of an answer. Returns whether this is one. */
function misbehave(fault: Fault, response: ServerResponse): boolean {
  switch (fault.kind) {
    case 'status':
      if (fault.body === undefined) refuse(response, fault.status, `stub status ${fault.status}`, fault.headers)
      else response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body)
      return true
    case 'reset':
      response.socket?.resetAndDestroy()
      return true
    case 'not-http':
      response.socket?.end('this is no HTTP\r\n\r\n')
      return true
    case 'stall':
      return true
    default:
      return false
  }
}

async function answerRequest(
  state: State,
  { path, body, fault, response }: { path: string; body: string; fault: Fault | null; response: ServerResponse },
): Promise<void> {
  const asked = parseFields(body)
  const made = asked && answerTo(path, asked, body)
  if (!asked) return refuse(response, 400, 'the body is no JSON object')
  if (!made) return refuse(response, 404, 'Not Found')
  if (Number(asked['temperature']) < 0) return refuse(response, 400, 'temperature must be non-negative')
  const { refusesStream } = state.faults
  if (asked['stream'] === true && refusesStream === 'stream') return refuse(response, 400, 'Streaming is not supported')
  if (asked['stream_options'] !== undefined && refusesStream === 'options') {
    return refuse(response, 400, 'Unrecognized request argument supplied: stream_options')
  }
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const onTokens = (count: number) => (state.generatedTokens += count)
  const sending = { response, made, fault, service: state.service, signal: gone.signal, onTokens }
  state.promptTokens += made.promptTokens
  response.setHeader('x-request-id', `stub-${state.received}`)
  const { stream, stream_options: options } = asked
  const hasUsage = isFields(options) && options['include_usage'] === true
  const isAnswered = stream === true ? await sendStream(sending, hasUsage) : await sendWhole(sending)
  if (isAnswered) state.counts.set(made.prompt, (state.counts.get(made.prompt) ?? 0) + 1)
}

function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  sendJson(response, status, { error: { message, type: 'stub_error', param: null, code: status } })
}

function sendJson(response: ServerResponse, status: number, value: Fields): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

function parseFields(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : null
  } catch {
    return null
  }
}

/** Null when the client went before its end. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = []
  try {
    for await (const piece of request) pieces.push(piece as Buffer) // no encoding is set
    return Buffer.concat(pieces).toString()
  } catch {
    return null
  }
}

/** Numbers 0 … 1 that are the same in each run (mulberry32). */
function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
