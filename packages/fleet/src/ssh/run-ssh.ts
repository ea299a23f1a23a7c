import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

export type SshRun = {
  /** Null when it was ended. */
  code: number | null
  stdout: Buffer
  stderr: string
  /** Why we ended it; null when it ended by itself. */
  stopped: 'time' | 'size' | 'signal' | null
}

export type SshRunOptions = {
  /** Written to its standard input, which then ends. When a stream fails, the program is ended; whoever made it knows why. */
  input: string | Readable
  timeoutMs: number
  stdoutBytesMax: number
  signal?: AbortSignal | undefined
  /** That of this process by default. */
  environment?: NodeJS.ProcessEnv
}

/** Kept of what the client says; the end of it tells why it failed. */
const stderrBytesMax = 16 * 1024

/**
 * Runs the ssh client once.
 * @throws Error of `spawn` when it cannot be started (`ENOENT`: it is not installed).
 */
export function runSsh(args: readonly string[], options: SshRunOptions): Promise<SshRun> {
  return runFed('ssh', args, options)
}

/** The same with any program that reads its standard input. */
export function runFed(command: string, args: readonly string[], options: SshRunOptions): Promise<SshRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: options.environment ?? process.env })
    const chunks: Buffer[] = []
    let bytes = 0
    let stopped: SshRun['stopped'] = null
    const stop = (why: SshRun['stopped']): void => {
      stopped ??= why
      child.kill('SIGKILL')
    }
    const timer = setTimeout(() => stop('time'), options.timeoutMs)
    const abort = (): void => stop('signal')
    options.signal?.addEventListener('abort', abort, { once: true })
    if (options.signal?.aborted) abort()
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > options.stdoutBytesMax) stop('size')
      else chunks.push(chunk)
    })
    const stderr = keepEnd(child)
    const done = (): void => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', abort)
    }
    child.once('error', (error) => {
      done()
      reject(error)
    })
    const finish = (code: number | null): void => {
      done()
      resolve({ code, stdout: Buffer.concat(chunks), stderr: stderr(), stopped })
    }
    child.once('close', finish)
    // A master has our pipes, too, and holds them until the command over there has ended.
    child.once('exit', (code) => {
      if (stopped === null) return
      child.stdout.destroy()
      finish(code)
    })
    // The far side may be gone before it has read everything; how it ended says so.
    child.stdin.on('error', () => undefined)
    const { input } = options
    if (typeof input === 'string') child.stdin.end(input)
    else {
      input.once('error', () => stop('signal')).pipe(child.stdin)
      child.once('close', () => input.destroy())
    }
  })
}

/** The end of what a process writes to its standard error. */
export function keepEnd(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-stderrBytesMax)
  })
  return () => text
}
