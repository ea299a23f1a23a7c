import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

export type Patience = { interruptMs: number; terminateMs: number }

/**
 * Ends a process that leads a group of its own: an interrupt as Ctrl-C gives it, then a request to end, then force.
 * Resolves once it has ended.
 */
export async function stopProcess(child: ChildProcess, { interruptMs, terminateMs }: Patience): Promise<void> {
  const ended = hasEnded(child) ? Promise.resolve() : once(child, 'exit')
  const timers = [
    setTimeout(() => signalGroup(child, 'SIGTERM'), interruptMs),
    setTimeout(() => signalGroup(child, 'SIGKILL'), interruptMs + terminateMs),
  ]
  signalGroup(child, 'SIGINT')
  await ended
  timers.forEach((timer) => clearTimeout(timer))
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || hasEnded(child)) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // it ended between the look and the signal
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}
