/** A real Python process that trains as loudly as the budget of the page has it: 24 metrics at 10 Hz, 1,000 lines/s. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { BenchPlace } from './bench-server.ts'

const script = fileURLToPath(new URL('../python/p7.py', import.meta.url))
const sdk = fileURLToPath(new URL('../../python/src', import.meta.url))

/** What it draws: three series on each of eight charts. */
export const streamedCharts = 8

export type StreamingJob = { uid: string; stop(): Promise<void> }

export function startStreamingJob({ dataFolder }: BenchPlace, uid: string): StreamingJob {
  const env = { ...process.env, PYTHONPATH: sdk, PILOTHOUSE_DATA: dataFolder, PILOTHOUSE_JOB: uid }
  const child: ChildProcess = spawn('python3', [script], { stdio: ['pipe', 'ignore', 'inherit'], env })
  return {
    uid,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
    },
  }
}
