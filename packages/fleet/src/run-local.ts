/**
 * Runs a program on this machine for somebody who watches it in a terminal.
 *
 * No shell is involved. Standard input stays the user's own. Output goes through pipes: every byte is passed on unchanged
 * and shown to `onOutput`; as with any pipe, programs may leave colours out and buffer what they print (Python does, unless
 * PYTHONUNBUFFERED is set: nothing is set here). The program stays in our process group and keeps the terminal, so that
 * it can ask for a password and Ctrl-Z works.
 *
 * Signals. SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 are passed on. SIGINT and SIGQUIT are passed on unless we are in the
 * foreground of a terminal: there Ctrl-C reaches the program already, and twice means «at once» to many of them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Readable, Writable } from 'node:stream'
import type { LogStream } from '@pilothouse/contract'
import { PilothouseError } from '@pilothouse/contract/wire'

export type RunOptions = {
  command: string
  args?: readonly string[]
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Where output is passed on to; null keeps it to `onOutput`. */
  stdout?: Writable | null
  stderr?: Writable | null
  stdin?: 'inherit' | 'ignore'
  onOutput?: (stream: LogStream, bytes: Uint8Array) => void
  /** The program runs. */
  onStart?: (pid: number) => void
  /** When the program has ended but something it left behind holds its output open, wait for so long without output, ms. */
  lingerMs?: number
  /** Where signals come from; the process by default. */
  signals?: SignalSource
}

export type SignalSource = {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

export type RunResult = {
  /** null when a signal ended it. */
  exitCode: number | null
  signal: NodeJS.Signals | null
}

const passedOn = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const satisfies NodeJS.Signals[]
const lingerMsDefault = 1_000

/**
 * Runs a program to its end.
 * @throws PilothouseError `notFound` when there is no such command, `forbidden` when it may not be executed, `invalid` (field
 * `cwd`) when the folder is missing.
 */
export async function runLocal(options: RunOptions): Promise<RunResult> {
  const child = await startChild(options)
  const stopForwarding = forwardSignals(child, options.signals ?? process)
  try {
    options.onStart?.(child.pid ?? 0)
    const ended = once(child, 'exit')
    const outputs = [passOutput(child.stdout, 'stdout', options), passOutput(child.stderr, 'stderr', options)]
    const [exitCode, signal] = (await ended) as [number | null, NodeJS.Signals | null] // arguments of the event «exit»
    await Promise.all(outputs.map((output) => output.finish(options.lingerMs ?? lingerMsDefault)))
    return { exitCode, signal }
  } finally {
    stopForwarding()
  }
}

async function startChild(options: RunOptions): Promise<ChildProcess> {
  const { command, args = [], cwd = process.cwd(), env = process.env, stdin = 'inherit' } = options
  if (!existsSync(cwd)) {
    throw new PilothouseError('invalid', `The folder «${cwd}» does not exist.`, { field: 'cwd', expected: 'a folder' })
  }
  try {
    const child = spawn(command, args, { cwd, env, stdio: [stdin, 'pipe', 'pipe'], shell: false })
    await once(child, 'spawn')
    return child
  } catch (cause) {
    throw explainFailure(command, cause)
  }
}

function explainFailure(command: string, cause: unknown): PilothouseError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') {
    const hint = 'Check its spelling; a script in this folder is called as ./name.'
    return new PilothouseError('notFound', `The command «${command}» was not found.`, { field: 'command', hint, cause })
  }
  if (code === 'EACCES') {
    const hint = 'Make it executable (chmod +x), or name the interpreter that runs it.'
    return new PilothouseError('forbidden', `«${command}» may not be executed.`, { field: 'command', hint, cause })
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  return new PilothouseError('invalid', `«${command}» could not be started: ${why}.`, { field: 'command', cause })
}

type Output = { finish(lingerMs: number): Promise<void> }

/** Passes a stream on as fast as the receiver takes it. */
function passOutput(source: Readable | null, stream: LogStream, options: RunOptions): Output {
  if (source === null) return { finish: async () => undefined }
  const own = stream === 'stdout' ? process.stdout : process.stderr
  const given = options[stream]
  let target: Writable | null = given === undefined ? own : given
  let heardAt = performance.now()
  const ended = new Promise<void>((resolve) => void source.once('close', resolve))
  // The reader of our output went away (as `| head` does): the program goes on, and is still captured.
  const lose = (): void => {
    target = null
    source.resume()
  }
  target?.on('error', lose)
  source.on('data', (bytes: Uint8Array) => {
    heardAt = performance.now()
    if (target !== null && !target.write(bytes)) {
      source.pause()
      target.once('drain', () => source.resume())
    }
    options.onOutput?.(stream, bytes)
  })
  source.on('error', () => source.destroy())
  const finish = async (lingerMs: number): Promise<void> => {
    while (!source.closed && performance.now() - heardAt < lingerMs) {
      const stop = new AbortController()
      // Rejects when it is stopped; then `ended` has won.
      await Promise.race([ended, wait(lingerMs, undefined, { signal: stop.signal }).catch(() => undefined)])
      stop.abort()
    }
    source.destroy()
    target?.off('error', lose)
  }
  return { finish }
}

function forwardSignals(child: ChildProcess, signals: SignalSource): () => void {
  const forward = (signal: NodeJS.Signals): void => {
    const reachedAlready = (signal === 'SIGINT' || signal === 'SIGQUIT') && isForeground()
    if (!reachedAlready) child.kill(signal)
  }
  for (const signal of passedOn) signals.on(signal, forward)
  return () => {
    for (const signal of passedOn) signals.off(signal, forward)
  }
}

/** True when keys pressed at a terminal send their signals to our process group, and so to the program too. */
function isForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    // Behind the name in parentheses: state, parent, process group, session, terminal, foreground group.
    const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return terminal !== '0' && group === foreground
  } catch {
    return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY // no /proc: macOS
  }
}
