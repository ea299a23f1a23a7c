import type { LatestMetric } from '@pilothouse/contract'
import { parseSource } from '@pilothouse/contract/wire'
import type { ChartSubject } from '../charts/chart-frame.ts'
import type { ChartUnit } from '../charts/chart-scale.ts'
import type { JobFeed } from '../charts/job-feed.ts'
import { styleOfRank } from '../charts/palette.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import type { ChartView } from '../charts/chart-view.ts'

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
export function listResourcePictures(latest: readonly LatestMetric[]): ResourcePicture[] {
  return pictures.filter(({ source, keys }) =>
    latest.some((metric) => keys.includes(metric.key) && metric.source.startsWith(source.slice(0, -1))),
  )
}

export function ResourceChart({
  picture,
  feed,
  view,
  hosts,
}: {
  picture: ResourcePicture
  feed: JobFeed
  view: ChartView
  hosts: number
}) {
  // Machines know nothing of steps: their axis is time.
  const x = view.x === 'wall' ? 'wall' : 'relative'
  const {
    onLog: _,
    isPinned: __,
    onPin: ___,
    onJoin: ____,
    onRight: _____,
    source: ______,
    onSource: _______,
    ...settings
  } = view.of(picture.title)
  return (
    <TimeChart
      feed={feed}
      title={picture.title}
      subject={describePicture(picture, hosts)}
      x={x}
      smoothing={0}
      clip={false}
      {...view.zoomOf(x)}
      {...settings}
      log={false}
    />
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

function describePicture({ title, source, keys, unit }: ResourcePicture, hosts: number): ChartSubject {
  return {
    title,
    keys,
    source,
    unit,
    nameOf: (buffer) => {
      const from = parseSource(buffer.source)
      if (from.kind === 'gpu') return hosts > 1 ? `${from.host}/${from.index}` : `GPU ${from.index}`
      const name = names[buffer.key] ?? buffer.key
      return hosts > 1 && from.kind === 'host' ? `${from.host} ${name}` : name
    },
    smoothFrom: () => Number.POSITIVE_INFINITY,
    styleOf: (_, rank) => styleOfRank(rank),
  }
}
