import type { InstanceFacts } from '@pilothouse/contract'

const none = { used: null, total: null }

/** A machine as a provider tells of one: $2 an hour while it runs, $0.10 while it is stopped. */
export function makeFacts(changes: Partial<InstanceFacts> = {}): InstanceFacts {
  return {
    provider: 'vast',
    id: '1',
    label: null,
    status: 'running',
    rawStatus: null,
    statusText: null,
    gpuName: null,
    gpuCount: 1,
    gpuUse: null,
    gpuTemperature: null,
    gpuMemory: none,
    cpuUse: null,
    memory: none,
    disk: none,
    image: null,
    region: null,
    startedAt: 10 * 24 * 3_600_000,
    contractEndsAt: null,
    perHour: 2,
    storagePerHour: 0.1,
    currency: 'USD',
    ssh: null,
    ...changes,
  }
}
