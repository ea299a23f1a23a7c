import type { LatestMetric } from '@pilothouse/contract'
import { parseSource } from '@pilothouse/contract/wire'
import type { ChartUnit } from './chart-scale.ts'

export type ResourcePicture = { title: string; source: 'gpu:*' | 'host:*'; keys: readonly string[]; unit: ChartUnit }

/** What can be drawn of machines, in the order in which people look. */
const pictures: readonly ResourcePicture[] = [
  { title: 'GPU utilisation', source: 'gpu:*', keys: ['gpu.utilization'], unit: '%' },
  { title: 'GPU memory', source: 'gpu:*', keys: ['gpu.memory.used'], unit: 'bytes' },
  { title: 'GPU temperature', source: 'gpu:*', keys: ['gpu.temperature'], unit: '°C' },
  { title: 'GPU power', source: 'gpu:*', keys: ['gpu.power'], unit: 'W' },
  { title: 'CPU', source: 'host:*', keys: ['cpu.utilization', 'process.cpu'], unit: '%' },
  { title: 'Memory', source: 'host:*', keys: ['memory.used', 'process.memory'], unit: 'bytes' },
  { title: 'Network', source: 'host:*', keys: ['network.received', 'network.sent'], unit: 'bytes/s' },
  { title: 'Disk activity', source: 'host:*', keys: ['disk.read', 'disk.write'], unit: 'bytes/s' },
  { title: 'CPU temperature', source: 'host:*', keys: ['cpu.temperature'], unit: '°C' },
  { title: 'Disk use', source: 'host:*', keys: ['disk.used'], unit: 'bytes' },
]

/** Pictures for which there is at least one series. */
export function listResourcePictures(latest: readonly Pick<LatestMetric, 'key' | 'source'>[]): ResourcePicture[] {
  return pictures.filter(({ source, keys }) =>
    latest.some((metric) => keys.includes(metric.key) && metric.source.startsWith(source.slice(0, -1))),
  )
}

const names: Record<string, string> = {
  'cpu.utilization': 'machine',
  'process.cpu': 'this job',
  'memory.used': 'machine',
  'process.memory': 'this job',
  'network.received': 'received',
  'network.sent': 'sent',
  'disk.read': 'read',
  'disk.write': 'written',
  'disk.used': 'used',
  'cpu.temperature': 'CPU',
}

/** What one line of such a picture is called. */
export function nameResource({ source, key }: { source: string; key: string }, manyHosts: boolean): string {
  const from = parseSource(source)
  if (from.kind === 'gpu') return manyHosts ? `${from.host}/${from.index}` : `GPU ${from.index}`
  const name = names[key] ?? key
  return manyHosts && from.kind === 'host' ? `${from.host} ${name}` : name
}
