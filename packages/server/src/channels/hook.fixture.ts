/** A receiver over HTTP that remembers what it gets, for tests. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'

type Received = { headers: IncomingHttpHeaders; body: string }
/** `after`: it is held back until then. */
type Answer = { status: number; headers?: Record<string, string>; text?: string; after?: Promise<void> }

export type Hook = {
  url: string
  /** Answers to the next requests; afterwards 200. */
  answers: Answer[]
  received: number
  next(): Promise<Received>
  close(): Promise<void>
}

export async function startHook(): Promise<Hook> {
  const waiting: ((received: Received) => void)[] = []
  const kept: Received[] = []
  const server: Server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => {
      const { status, headers, text, after = Promise.resolve() }: Answer = made.answers.shift() ?? { status: 200 }
      void after.then(() => {
        response.writeHead(status, headers).end(text)
        made.received += 1
        const received = { headers: request.headers, body }
        const reader = waiting.shift()
        if (reader) reader(received)
        else kept.push(received)
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const made: Hook = {
    url: `http://127.0.0.1:${port}/top-secret-path`,
    answers: [],
    received: 0,
    next: async () => kept.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return made
}
