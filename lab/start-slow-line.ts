/** A line between two ends of this machine that takes its time. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type SlowLine = { port: number; stop(): Promise<void> }

/** Listens on a free port and passes everything on to `port`, and back, each `delayMs` later. */
export async function startSlowLine(port: number, delayMs: number): Promise<SlowLine> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    passOn(near, far, delayMs)
    passOn(far, near, delayMs)
    for (const socket of [near, far]) sockets.add(socket.once('close', () => sockets.delete(socket)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No free port was found.')
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { port: address.port, stop }
}

function passOn(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), delayMs))
  from.on('end', () => setTimeout(() => to.end(), delayMs))
  from.on('error', () => to.destroy())
}
