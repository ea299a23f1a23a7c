/**
 * A STAND-IN for the API of vast.ai, for tests: it is not vast.ai, and what it rents out does not exist. Its shapes and paths are
 * checked with the official Python client (`lab/vast/official-client.lab.test.ts`).
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerVast, type VastAnswer } from './answer-vast.ts'
import { VastWorld } from './vast-world.ts'

/** What goes wrong instead of an answer; `hang`: nothing comes, `cut`: the connection breaks in the middle. */
export type VastFault = { kind: 'hang' } | { kind: 'cut' } | ({ kind: 'answer' } & VastAnswer)

export type VastQuestion = {
  method: string
  path: string
  query: URLSearchParams
  body: Record<string, unknown>
  /** Whether the key came with it, where it came. */
  key: string | null
}

export type VastStandIn = {
  url: string
  /** The key that it takes. */
  key: string
  world: VastWorld
  /** All that was asked, in order. */
  asked: VastQuestion[]
  /** Each is given once, in order; null: this one is answered as it should. */
  faults: (VastFault | null)[]
  /** Given every time, while it is there. */
  fault: VastFault | null
  close(): Promise<void>
}

/** As its front answers who asks too often: plain text, without saying until when. */
export const tooOften: VastFault = {
  kind: 'answer',
  status: 429,
  text: 'API requests too frequent endpoint threshold=2.0',
  headers: { 'content-type': 'text/plain' },
}

/** Starts one on this machine; 0 is a free port. */
export async function startVastStandIn({ key = 'a-key-that-opens-nothing-7d1e', port = 0 } = {}): Promise<VastStandIn> {
  const server = createServer((request, response) => void serve(request, response))
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const question = await readQuestion(request)
    standIn.asked.push(question)
    const fault = standIn.faults.length > 0 ? standIn.faults.shift() : standIn.fault
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'cut') {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{"instances": [', () => request.socket.destroy())
      return
    }
    const answer = fault ?? answerVast(standIn, question)
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    response.end(answer.text)
  }
  const standIn: VastStandIn = {
    url: '',
    key,
    world: new VastWorld(),
    asked: [],
    faults: [],
    fault: null,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  standIn.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
  return standIn
}

async function readQuestion(request: IncomingMessage): Promise<VastQuestion> {
  let text = ''
  for await (const part of request) text += String(part)
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const bearer = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1]
  return {
    method: request.method ?? 'GET',
    path: pathname.replace(/\/$/, ''),
    query: searchParams,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>), // clients send objects
    key: bearer ?? searchParams.get('api_key'),
  }
}
