/** A line between two ends of this machine that takes its time. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { LabSshd } from './start-sshd.ts'

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

/** For `ssh -F`: in it, the host `lab` is this sshd behind the line. */
export function writeSlowConfig({ configPath, folder, port }: LabSshd, line: SlowLine): string {
  const slowPath = join(folder, 'slow_config')
  // The key is known by the address behind the line.
  const behind = `Port ${line.port}\n  HostKeyAlias [127.0.0.1]:${port}`
  writeFileSync(slowPath, readFileSync(configPath, 'utf8').replace(/Port \d+/, behind))
  return slowPath
}

function passOn(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), delayMs))
  from.on('end', () => setTimeout(() => to.end(), delayMs))
  from.on('error', () => to.destroy())
}
