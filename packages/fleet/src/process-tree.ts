/**
 * CPU and memory of a process and everything it started, from /proc. Memory is the sum of what each holds resident: pages
 * that workers share with their parent count in each of them.
 */
import { readFileSync, readdirSync } from 'node:fs'
import type { HostResourceKey } from '@pilothouse/contract'
import { parseProcess, parseResidentBytes } from './proc-text.ts'

/** Linux counts a process' time in hundredths of a second for everyone who asks, whatever the kernel uses inside. */
const ticksPerSecond = 100
/** The tree is searched anew at every so many samples; in between its known members are read. */
const searchEvery = 5

export class ProcessTree {
  readonly #root: number
  readonly #monotonic: () => number
  #members: readonly number[]
  #ticks = new Map<number, number>()
  #at: number
  #samples = 0

  constructor(root: number, monotonic: () => number) {
    this.#root = root
    this.#monotonic = monotonic
    this.#members = findTree(root)
    this.#at = monotonic()
    for (const pid of this.#members) this.#ticks.set(pid, readStat(pid)?.ticks ?? 0)
  }

  /** `process.cpu` (100 is one core) since the sample before, `process.memory` now; nothing when no process is left. */
  sample(): [HostResourceKey, number][] {
    this.#samples += 1
    if (this.#samples % searchEvery === 1) this.#members = findTree(this.#root)
    const now = this.#monotonic()
    const ticks = new Map<number, number>()
    let advance = 0
    let bytes = 0
    for (const pid of this.#members) {
      const stat = readStat(pid)
      if (stat === null) continue
      ticks.set(pid, stat.ticks)
      advance += Math.max(0, stat.ticks - (this.#ticks.get(pid) ?? 0))
      bytes += parseResidentBytes(readText(`/proc/${pid}/status`)) ?? 0
    }
    const seconds = (now - this.#at) / 1_000
    this.#ticks = ticks
    this.#at = now
    if (ticks.size === 0 || seconds <= 0) return []
    return [
      ['process.cpu', (advance / ticksPerSecond / seconds) * 100],
      ['process.memory', bytes],
    ]
  }
}

function findTree(root: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of listProcesses()) {
    const pid = Number(name)
    const parent = readStat(pid)?.parent
    if (parent === undefined) continue
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [pid])
    else siblings.push(pid)
  }
  const tree = [root]
  // The list grows while it is walked.
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return [] // no /proc: processes are not measured
  }
}

function readStat(pid: number): ReturnType<typeof parseProcess> {
  return parseProcess(readText(`/proc/${pid}/stat`))
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // it ended meanwhile
  }
}
