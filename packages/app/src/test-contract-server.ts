/** A server for tests that answers as the contract says: what comes in and goes out is held against the schemas of its routes. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PilothouseError, type RouteName, routes } from '@pilothouse/contract'
import { paths } from '@pilothouse/contract/wire'

export type SeenCall = {
  name: RouteName
  params: Record<string, string>
  query: Record<string, unknown>
  /** What was read of JSON; a form as text. */
  body: unknown
  headers: IncomingMessage['headers']
}
/** What a route answers: JSON by its schema, or text where it has none; an error by throwing. `hangUp` breaks the connection. */
export type Answer = (call: SeenCall) => unknown
export type ContractServer = { url: string; calls: SeenCall[]; close(): Promise<void> }
export const hangUp = Symbol('hangUp')

type Schema = { parse(value: unknown): unknown }
type Route = { summary: string; params?: Schema; query?: Schema; body?: Schema; response?: Schema }

export async function startContractServer(answers: Partial<Record<RouteName, Answer>>): Promise<ContractServer> {
  const calls: SeenCall[] = []
  const server = createServer((request, response) => {
    void answer(request, response, { answers, calls })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Bag = { answers: Partial<Record<RouteName, Answer>>; calls: SeenCall[] }

async function answer(request: IncomingMessage, response: ServerResponse, { answers, calls }: Bag): Promise<void> {
  try {
    const call = await readCall(request)
    calls.push(call)
    const made = answers[call.name]
    if (made === undefined) throw new PilothouseError('unavailable', `${call.name} is not there yet.`)
    const given = made(call)
    if (given === hangUp) return void request.socket.destroy()
    const { response: schema }: Route = routes[call.name]
    if (schema === undefined) return void response.end(given)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(schema.parse(given)))
  } catch (error) {
    const told = error instanceof PilothouseError ? error : new PilothouseError('internal', String(error))
    response.writeHead(told.status, { 'content-type': 'application/json' }).end(JSON.stringify(told.toBody()))
  }
}

async function readCall(request: IncomingMessage): Promise<SeenCall> {
  const url = new URL(request.url ?? '/', 'http://test')
  const { name, params } = findRoute(request.method ?? 'GET', url.pathname)
  const chunks: Uint8Array[] = []
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk) // without an encoding they are bytes
  const text = Buffer.concat(chunks).toString()
  const route: Route = routes[name]
  const isJson = request.headers['content-type'] === 'application/json'
  const body: unknown = isJson ? JSON.parse(text) : text
  const query = Object.fromEntries(url.searchParams)
  route.params?.parse(params)
  route.query?.parse(query)
  route.body?.parse(body)
  return { name, params, query, body, headers: request.headers }
}

function findRoute(method: string, path: string): Pick<SeenCall, 'name' | 'params'> {
  const names = Object.keys(paths) as RouteName[] // keys of a literal object
  for (const name of names.sort((a, b) => paths[a].path.split(':').length - paths[b].path.split(':').length)) {
    const pattern = paths[name].path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')
    const match = new RegExp(`^${pattern}$`).exec(path)
    if (match !== null && paths[name].method === method) return { name, params: { ...match.groups } }
  }
  throw new PilothouseError('notFound', `There is no ${method} ${path}.`)
}
