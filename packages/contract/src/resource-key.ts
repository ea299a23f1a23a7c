/**
 * Names and units of resource series. Resources are ordinary points whose source is not the job itself:
 * `host:<hostname>` or `gpu:<hostname>/<index>`; `rank:<n>` for what one rank measures of itself.
 */
export const jobSource = 'job'

export const hostResourceKeys = {
  'cpu.utilization': '%',
  'cpu.temperature': '°C',
  'memory.used': 'bytes',
  'memory.total': 'bytes',
  'disk.used': 'bytes',
  'disk.total': 'bytes',
  'disk.read': 'bytes/s',
  'disk.write': 'bytes/s',
  'network.received': 'bytes/s',
  'network.sent': 'bytes/s',
  'process.cpu': '%',
  'process.memory': 'bytes',
} as const

export const gpuResourceKeys = {
  'gpu.utilization': '%',
  'gpu.temperature': '°C',
  'gpu.memory.used': 'bytes',
  'gpu.memory.total': 'bytes',
  'gpu.power': 'W',
} as const

export type HostResourceKey = keyof typeof hostResourceKeys
export type GpuResourceKey = keyof typeof gpuResourceKeys

export type Source =
  | { kind: 'job' }
  | { kind: 'host'; host: string }
  | { kind: 'gpu'; host: string; index: number }
  | { kind: 'rank'; rank: number }

/** Reads a source name. Anything unknown is taken as a host of that name, so that nothing is lost. */
export function parseSource(text: string): Source {
  if (text === jobSource) return { kind: 'job' }
  const rank = /^rank:(\d+)$/.exec(text)
  if (rank) return { kind: 'rank', rank: Number(rank[1]) }
  const gpu = /^gpu:(.*)\/(\d+)$/.exec(text)
  if (gpu) return { kind: 'gpu', host: gpu[1] ?? '', index: Number(gpu[2]) }
  return { kind: 'host', host: text.replace(/^host:/, '') }
}

/** The inverse of `parseSource`. */
export function formatSource(source: Source): string {
  switch (source.kind) {
    case 'job':
      return jobSource
    case 'host':
      return `host:${source.host}`
    case 'gpu':
      return `gpu:${source.host}/${source.index}`
    case 'rank':
      return `rank:${source.rank}`
    default:
      return source satisfies never
  }
}
