/** A real process for tests: what it writes can be waited for, and it can be ended by a signal. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'

export type End = { code: number | null; signal: NodeJS.Signals | null }
export type Started = {
  out(): string
  err(): string
  /** Standard output once it matches. */
  see(pattern: RegExp): Promise<string>
  ended(): Promise<End>
  /** Sends the signal to the process; to its whole group, as a terminal does, when it was started `detached`. */
  end(signal: NodeJS.Signals): Promise<End>
}

export function startProcess(command: string, args: readonly string[], options: SpawnOptions): Started {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err] = [collect(child.stdout), collect(child.stderr)]
  const closed = new Promise<End>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
  return {
    out,
    err,
    see: (pattern) => waitForText({ child, out, err, pattern, closed }),
    ended: () => closed,
    end: (signal) => {
      const runs = child.exitCode === null && child.signalCode === null
      if (runs && options.detached && child.pid !== undefined) process.kill(-child.pid, signal)
      else child.kill(signal)
      return closed
    },
  }
}

/** All text of a stream so far. */
export function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = []
  stream?.on('data', (bytes: Buffer) => chunks.push(bytes))
  return () => Buffer.concat(chunks).toString()
}

type Waiting = { child: ChildProcess; out: () => string; err: () => string; pattern: RegExp; closed: Promise<End> }

function waitForText({ child, out, err, pattern, closed }: Waiting): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (pattern.test(out())) resolve(out())
    }
    child.stdout?.on('data', look)
    void closed.then(() => reject(new Error(`It ended without ${String(pattern)}:\n${out()}${err()}`)))
    look()
  })
}
