import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** User and system time of all threads of a process so far, ms. Linux only: it reads /proc. */
export function readCpuMs(pid: number): number {
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000
}
