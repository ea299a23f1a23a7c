import { readFileSync } from 'node:fs'

/** What a process holds, MB; `pss` divides pages that several share. Linux only. */
export type ProcessMemory = { rss: number; pss: number }

/** @throws when there is no such process */
export function readMemory(pid: number): ProcessMemory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const read = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024
  return { rss: read('Rss'), pss: read('Pss') }
}
