/** Where the server listens: never beyond this machine without an explicit word. */
import type { Socket } from 'node:net'
import { PilothouseError } from '@pilothouse/contract'
import type { FastifyInstance } from 'fastify'
import type { ServerConfig } from '../config.ts'
import { isLoopback } from './host-rules.ts'

/** Open connections, upgraded ones included, which Node's own `closeAllConnections` leaves out. */
export function trackSockets({ server }: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/** Listens on the port asked for, or the next free one of `portTries`. */
export async function listen(app: FastifyInstance, { host, port, portTries }: ServerConfig): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + portTries, 65_535)
  for (let candidate = port; candidate <= last; candidate += 1) {
    const taken = await tryToListen(app, host, candidate)
    if (taken !== undefined) return taken
  }
  throw new PilothouseError('unavailable', `The ports ${port} to ${last} of ${host} are all taken.`, {
    hint: 'Name a free one with --port, or take any with --port 0.',
  })
}

/** undefined when the port is taken. */
async function tryToListen(app: FastifyInstance, host: string, port: number): Promise<number | undefined> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const cause = error as NodeJS.ErrnoException // listening fails with an error of the operating system
    if (cause.code === 'EADDRINUSE') return undefined
    throw explainListenError(cause, host, port)
  }
  const address = app.server.address()
  return typeof address === 'object' && address ? address.port : port
}

function explainListenError(cause: NodeJS.ErrnoException, host: string, port: number): PilothouseError {
  if (cause.code === 'EACCES') {
    return new PilothouseError('unavailable', `The port ${port} may not be used by this user.`, {
      cause,
      hint: 'Name one above 1023 with --port.',
    })
  }
  return new PilothouseError(
    'unavailable',
    `The address ${host}:${port} cannot be listened on (${cause.code ?? cause.message}).`,
    {
      cause,
      hint: 'Name an address of this machine with --host.',
    },
  )
}

/** Nothing here encrypts, so beyond this machine it takes an explicit word. */
export function checkNetwork({ host, insecureNetwork }: ServerConfig): void {
  if (isLoopback(host) || insecureNetwork) return
  throw new PilothouseError('forbidden', `Listening on ${host} would send tokens through the network unencrypted.`, {
    field: 'host',
    expected: '127.0.0.1, ::1 or localhost',
    hint: 'Keep it on this machine and reach it by «ssh -L» or a proxy with TLS (and --allow-host NAME); or say --insecure-network if the network is trusted.',
  })
}

export function formatUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
