/** A line between two ends of this machine that takes its time. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { LabSshd } from './start-sshd.ts'

export type SlowLine = {
  port: number
  /** Ends all that goes through it, and at once what comes, until `mend`. */
  cut(): void
  mend(): void
  /** Resolves when the next bytes come from the other end. */
  used(): Promise<unknown>
  stop(): Promise<void>
}

/** Listens on a free port and passes everything on to `port`, and back, each `delayMs` later. */
export async function startSlowLine(port: number, delayMs: number): Promise<SlowLine> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    passOn(near, far, delayMs)
    passOn(far, near, delayMs)
    far.on('data', () => server.emit('used'))
    for (const socket of [near, far]) sockets.add(socket.once('close', () => sockets.delete(socket)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No free port was found.')
  const cut = (): void => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  const mend = (): void => void (isCut = false)
  const stop = async (): Promise<void> => {
    cut()
    server.close()
    await once(server, 'close')
  }
  return { port: address.port, cut, mend, used: () => once(server, 'used'), stop }
}

/** For `ssh -F`: in it, the host `lab` is this sshd behind the line. Each line has a file of its own. */
export function writeSlowConfig({ configPath, folder, port }: LabSshd, line: SlowLine): string {
  const slowPath = join(folder, `slow_config_${line.port}`)
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
