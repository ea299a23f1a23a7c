import { execFile } from 'node:child_process'

export type ProgramAnswer = {
  stdout: string
  /** null when it ended well. */
  failure: string | null
  /** There is no such program. */
  isMissing?: boolean
}
/** Runs a small program and reads what it prints. Never rejects. */
export type RunProgram = (command: string, args: readonly string[], timeoutMs: number) => Promise<ProgramAnswer>

const outputBytesMax = 4 * 1024 * 1024

export const runProgram: RunProgram = (command, args, timeoutMs) =>
  new Promise((resolve) => {
    execFile(command, [...args], { timeout: timeoutMs, maxBuffer: outputBytesMax }, (error, stdout, stderr) => {
      const failure = error === null ? null : explain(command, error, stderr || stdout)
      resolve({ stdout, failure, isMissing: error?.code === 'ENOENT' })
    })
  })

function explain(command: string, error: Error & { code?: unknown; killed?: boolean }, output: string): string {
  if (error.code === 'ENOENT') return `${command} was not found.`
  if (error.killed) return `${command} did not answer in time.`
  const [line] = output.trim().split('\n')
  return `${command} failed: ${line === undefined || line === '' ? error.message : line}`
}
