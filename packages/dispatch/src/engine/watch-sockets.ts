import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

export type WatchedSockets = {
  connect: buildConnector.connector
  /** Whether this error is the cut of a connection on which bytes had come before. */
  wasUsed: (error: unknown) => boolean
}

/** How a cut shows: while reading, while writing, and by an end in good order. */
const cutCodes: readonly string[] = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

/**
 * Makes connections, and remembers of those that break whether they had been in use. An engine closes idle connections whenever
 * it likes (vLLM after 5 s); a request that meets this on its way has not been looked at and may go out again.
 */
export function watchSockets(connectMs: number): WatchedSockets {
  // HTTP/2 would put all requests on one connection, which one stall or reset then takes with it.
  const connect = buildConnector({ timeout: connectMs, allowH2: false })
  const used = new WeakSet<Error>()
  const watch = (socket: Socket | null) => {
    socket?.on('error', (error: NodeJS.ErrnoException) => {
      if (socket.bytesRead > 0 && cutCodes.includes(error.code ?? '')) used.add(error)
    })
  }
  return {
    // What is returned lets undici call off an attempt that no request waits for any more.
    connect: (options, callback) =>
      connect(options, (...made) => {
        watch(made[1])
        callback(...made)
      }),
    wasUsed: (error) => error instanceof Error && used.has(error),
  }
}
