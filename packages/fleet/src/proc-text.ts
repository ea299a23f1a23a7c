/** Reads the texts of Linux' /proc. Pure; formats as proc(5) describes them. */

/** Busy and whole time of all CPUs since the start, in ticks. */
export type CpuTimes = { busy: number; total: number }

/** First line of /proc/stat: user nice system idle iowait irq softirq steal (guest is part of user). */
export function parseCpuTimes(stat: string): CpuTimes | null {
  const line = /^cpu\s+([\d ]+)/m.exec(stat)
  if (line === null) return null
  const times = (line[1] ?? '').trim().split(' ').slice(0, 8).map(Number)
  const total = times.reduce((sum, time) => sum + time, 0)
  return { total, busy: total - (times[3] ?? 0) - (times[4] ?? 0) }
}

/** /proc/meminfo, in bytes. Used is what is not available: caches that would be given back do not count. */
export function parseMemory(meminfo: string): { used: number; total: number } | null {
  const total = readKilobytes(meminfo, 'MemTotal')
  const available = readKilobytes(meminfo, 'MemAvailable') ?? readKilobytes(meminfo, 'MemFree')
  return total === null || available === null ? null : { total, used: total - available }
}

/** VmRSS of /proc/<pid>/status, in bytes; null for a process without memory of its own (a zombie). */
export function parseResidentBytes(status: string): number | null {
  return readKilobytes(status, 'VmRSS')
}

const sectorBytes = 512
/** Whole devices; partitions, loop and mapped devices would count the same bytes twice. */
const wholeDevice = /^(?:sd[a-z]+|hd[a-z]+|vd[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/

/** Bytes read and written since the start by all whole devices, of /proc/diskstats. */
export function parseDiskBytes(diskstats: string): { read: number; written: number } {
  let read = 0
  let written = 0
  for (const line of diskstats.split('\n')) {
    const fields = line.trim().split(/\s+/)
    if (!wholeDevice.test(fields[2] ?? '')) continue
    read += Number(fields[5]) * sectorBytes
    written += Number(fields[9]) * sectorBytes
  }
  return { read, written }
}

/** Interfaces whose traffic stays on the machine or is counted by another one too. */
const innerInterface = /^(?:lo|veth|docker|br-|virbr|cni|flannel|cali|tun|tap|dummy|ifb)/

/** Bytes received and sent since the start, of /proc/net/dev. */
export function parseNetworkBytes(dev: string): { received: number; sent: number } {
  let received = 0
  let sent = 0
  for (const line of dev.split('\n')) {
    const [name = '', counters] = line.split(':')
    if (counters === undefined || innerInterface.test(name.trim())) continue
    const fields = counters.trim().split(/\s+/).map(Number)
    received += fields[0] ?? 0
    sent += fields[8] ?? 0
  }
  return { received, sent }
}

/** Parent and CPU time in ticks (own, not that of children waited for) of /proc/<pid>/stat. */
export function parseProcess(stat: string): { parent: number; ticks: number } | null {
  // The name in parentheses may hold anything, parentheses and spaces too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const parent = Number(fields[1])
  const ticks = Number(fields[11]) + Number(fields[12])
  return Number.isInteger(parent) && Number.isFinite(ticks) ? { parent, ticks } : null
}

function readKilobytes(text: string, name: string): number | null {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)
  return found === null ? null : Number(found[1]) * 1024
}
