/**
 * Measures this machine, and the processes of a job on it, for the resource charts. On Linux /proc is read directly (a
 * tenth of a percent of a core at one sample a second); elsewhere only what Node itself knows is measured. What cannot be
 * measured is left out: absence is a state, never an error.
 *
 * /proc is read synchronously on purpose: it never waits for a disk, and a thread for each small read costs more.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { cpus, freemem, hostname, totalmem } from 'node:os'
import type { HostResourceKey } from '@pilothouse/contract'
import { formatSource } from '@pilothouse/contract/wire'
import { GpuMonitor } from './gpu-monitor.ts'
import { selectGpus } from './nvidia-smi.ts'
import { type CpuTimes, parseCpuTimes, parseDiskBytes, parseMemory, parseNetworkBytes } from './proc-text.ts'
import { ProcessTree } from './process-tree.ts'

export type HostSamplerOptions = {
  /** Root of the job's processes; without it processes are not measured. */
  pid?: number
  /** A folder on the disk that counts; the working directory by default. */
  diskPath?: string
  host?: string
  env?: NodeJS.ProcessEnv
  /** How often `sample` is going to be called, ms; the GPUs are read as often. */
  intervalMs?: number
  /** Milliseconds of a clock that only goes forward. */
  monotonic?: () => number
  gpus?: GpuMonitor
}

/** What one source measures now, ready to be reported as points. */
export type ResourceSample = { source: string; metrics: Map<string, number> }

/** Counters that only grow; rates are differences between two samples. */
type Counters = {
  at: number
  cpu: CpuTimes | null
  disk: { read: number; written: number } | null
  network: { received: number; sent: number } | null
}

export class HostSampler {
  readonly #options: Required<Omit<HostSamplerOptions, 'pid' | 'gpus'>>
  readonly #tree: ProcessTree | null
  readonly #gpus: GpuMonitor
  readonly #thermometers: readonly string[]
  #before: Counters

  constructor(options: HostSamplerOptions = {}) {
    const env = options.env ?? process.env
    const intervalMs = options.intervalMs ?? 2_000
    const monotonic = options.monotonic ?? (() => performance.now())
    const diskPath = options.diskPath ?? process.cwd()
    this.#options = { env, intervalMs, monotonic, diskPath, host: options.host ?? hostname() }
    this.#tree = options.pid === undefined ? null : new ProcessTree(options.pid, monotonic)
    this.#gpus = options.gpus ?? new GpuMonitor({ intervalMs, selects: selectGpus(env) })
    this.#thermometers = findThermometers()
    this.#before = readCounters(monotonic())
  }

  /** Begins reading the GPUs. */
  start(): void {
    this.#gpus.start()
  }

  stop(): void {
    this.#gpus.stop()
  }

  /** Why GPUs are not measured, or null. */
  get gpuAbsence(): string | null {
    return this.#gpus.absence
  }

  /** One sample; rates are means since the sample before. */
  async sample(): Promise<ResourceSample[]> {
    const { host, monotonic } = this.#options
    const now = readCounters(monotonic())
    const values = new Map<HostResourceKey, number>([
      ...readRates(this.#before, now),
      ...readMemory(),
      ...readTemperature(this.#thermometers),
      ...(await readDisk(this.#options.diskPath)),
      ...(this.#tree?.sample() ?? []),
    ])
    this.#before = now
    const gpus = this.#gpus.read().map(({ index, values: metrics }) => ({
      source: formatSource({ kind: 'gpu', host, index }),
      metrics: new Map<string, number>(metrics),
    }))
    return [{ source: formatSource({ kind: 'host', host }), metrics: new Map<string, number>(values) }, ...gpus]
  }
}

type Measured = [HostResourceKey, number][]

function readCounters(at: number): Counters {
  const disk = readText('/proc/diskstats')
  const network = readText('/proc/net/dev')
  return {
    at,
    cpu: readCpu(),
    disk: disk === null ? null : parseDiskBytes(disk),
    network: network === null ? null : parseNetworkBytes(network),
  }
}

function readCpu(): CpuTimes | null {
  const stat = readText('/proc/stat')
  if (stat !== null) return parseCpuTimes(stat)
  let busy = 0
  let total = 0
  for (const { times } of cpus()) {
    const used = times.user + times.nice + times.sys + times.irq
    busy += used
    total += used + times.idle
  }
  return { busy, total }
}

function readRates(before: Counters, now: Counters): Measured {
  const seconds = (now.at - before.at) / 1_000
  if (seconds <= 0) return []
  const rates: Measured = []
  if (before.cpu && now.cpu && now.cpu.total > before.cpu.total) {
    const share = (now.cpu.busy - before.cpu.busy) / (now.cpu.total - before.cpu.total)
    rates.push(['cpu.utilization', Math.min(100, Math.max(0, share * 100))])
  }
  if (before.disk && now.disk) {
    rates.push(['disk.read', rate(before.disk.read, now.disk.read, seconds)])
    rates.push(['disk.write', rate(before.disk.written, now.disk.written, seconds)])
  }
  if (before.network && now.network) {
    rates.push(['network.received', rate(before.network.received, now.network.received, seconds)])
    rates.push(['network.sent', rate(before.network.sent, now.network.sent, seconds)])
  }
  return rates
}

/** A counter that fell was set anew (a device came or went): nothing is known then, and 0 is said. */
function rate(before: number, now: number, seconds: number): number {
  return Math.max(0, now - before) / seconds
}

function readMemory(): Measured {
  const text = readText('/proc/meminfo')
  const memory = text === null ? { total: totalmem(), used: totalmem() - freemem() } : parseMemory(text)
  return memory === null
    ? []
    : [
        ['memory.used', memory.used],
        ['memory.total', memory.total],
      ]
}

async function readDisk(path: string): Promise<Measured> {
  try {
    const { blocks, bfree, bsize } = await statfs(path)
    return [
      ['disk.used', (blocks - bfree) * bsize],
      ['disk.total', blocks * bsize],
    ]
  } catch {
    return [] // the folder went away: not measured
  }
}

const hwmon = '/sys/class/hwmon'
const cpuSensors = new Set(['coretemp', 'k10temp', 'zenpower', 'cpu_thermal', 'cpu-thermal'])

/** Files with the temperature of CPUs, in thousandths of a degree. */
function findThermometers(): string[] {
  return listFolder(hwmon).flatMap((chip) => {
    const name = readText(`${hwmon}/${chip}/name`)?.trim() ?? ''
    if (!cpuSensors.has(name)) return []
    const inputs = listFolder(`${hwmon}/${chip}`).filter((file) => /^temp\d+_input$/.test(file))
    return inputs.map((file) => `${hwmon}/${chip}/${file}`)
  })
}

function readTemperature(files: readonly string[]): Measured {
  const degrees = files.map((file) => Number(readText(file) ?? Number.NaN) / 1_000).filter(Number.isFinite)
  return degrees.length === 0 ? [] : [['cpu.temperature', Math.max(...degrees)]]
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null // not there on this system: not measured
  }
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return [] // the same
  }
}
