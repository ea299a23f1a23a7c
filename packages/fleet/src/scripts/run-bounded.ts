/**
 * Runs a program of somebody else for its standard output, within bounds of time, memory and of what it prints. It gets a
 * process group of its own, which ends with it, and no environment but the one that is passed in.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { ProcessTree } from '../process-tree.ts'

export type BoundedRun = {
  command: string
  args: readonly string[]
  folder: string
  environment: Readonly<Record<string, string>>
  timeoutMs: number
  /** Of it and all that it starts; looked at on Linux only. */
  memoryBytesMax: number
  /** Of standard output and standard error, each. */
  printedBytesMax: number
  signal?: AbortSignal | undefined
}

export type BoundedAnswer = {
  /** `ended`: by itself, whatever its exit code. */
  end: 'ended' | 'time' | 'memory' | 'printed' | 'stopped' | 'not-started'
  /** null when a signal ended it. */
  exitCode: number | null
  stdout: string
  /** The last of its standard error. */
  said: string
}

const saidBytesMax = 8 * 1024
const lookEveryMs = 250
/** Pipes that a process holds which has left the group are given up after so long. */
const pipesMs = 1_000

/** Never rejects. */
export function runBounded(run: BoundedRun): Promise<BoundedAnswer> {
  return new Promise((resolve) => {
    const child = spawn(run.command, [...run.args], {
      cwd: run.folder,
      env: { ...run.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let end: BoundedAnswer['end'] = 'ended'
    const stop = (why: BoundedAnswer['end']): void => {
      if (end === 'ended') end = why
      endGroup(child)
    }
    const undo = watch(child, run, stop)
    const read = gather(child, run.printedBytesMax, stop)
    child.once('error', (error) => {
      undo()
      resolve({ end: 'not-started', exitCode: null, stdout: '', said: error.message })
    })
    child.once('exit', () => {
      endGroup(child)
      setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, pipesMs).unref()
    })
    child.once('close', (exitCode) => {
      undo()
      if (child.pid !== undefined) resolve({ end, exitCode, ...read() })
    })
  })
}

function watch(child: ChildProcess, run: BoundedRun, stop: (why: BoundedAnswer['end']) => void): () => void {
  const { timeoutMs, memoryBytesMax, signal } = run
  const timer = setTimeout(() => stop('time'), timeoutMs)
  const abort = (): void => stop('stopped')
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  const tree = child.pid === undefined ? undefined : new ProcessTree(child.pid, () => performance.now())
  const look = setInterval(() => {
    const bytes = tree?.sample().find(([key]) => key === 'process.memory')?.[1] ?? 0
    if (bytes > memoryBytesMax) stop('memory')
  }, lookEveryMs)
  return () => {
    clearTimeout(timer)
    clearInterval(look)
    signal?.removeEventListener('abort', abort)
  }
}

function gather(child: ChildProcess, printedBytesMax: number, stop: (why: BoundedAnswer['end']) => void) {
  const chunks: Buffer[] = []
  let said = Buffer.alloc(0)
  const counts = { stdout: 0, stderr: 0 }
  const count = (stream: keyof typeof counts, bytes: number): boolean => {
    counts[stream] += bytes
    if (counts[stream] > printedBytesMax) stop('printed')
    return counts[stream] <= printedBytesMax
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    if (count('stdout', chunk.length)) chunks.push(chunk)
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    count('stderr', chunk.length)
    said = Buffer.concat([said, chunk]).subarray(-saidBytesMax)
  })
  return () => ({ stdout: Buffer.concat(chunks).toString('utf8'), said: said.toString('utf8') })
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of it is left.
  }
}
