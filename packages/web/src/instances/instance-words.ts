import type { InstanceFacts, InstanceStatus, RentedInstance } from '@pilothouse/contract'
import { formatBytes, formatDuration } from '@pilothouse/signals'

/** What a machine is called: its label, else its provider's number. */
export function nameInstance({ facts }: Pick<RentedInstance, 'facts'>): string {
  return facts.label === null || facts.label === '' ? `${facts.provider} ${facts.id}` : facts.label
}

export const statusWords: Readonly<Record<InstanceStatus, string>> = {
  created: 'ordered',
  loading: 'loading',
  running: 'running',
  stopped: 'stopped',
  exited: 'exited',
  offline: 'offline',
  gone: 'gone',
  unknown: 'unknown',
}

/** `4 × RTX 4090` */
export function describeGpus({ gpuName, gpuCount }: InstanceFacts): string {
  if (gpuCount === 0) return 'no GPU'
  const name = gpuName ?? 'GPU of a kind that is not told'
  return gpuCount === 1 ? name : `${gpuCount} × ${name}`
}

/** Of an hour: tenths of a cent count where it costs less than a dollar, and no provider's six digits. */
export function formatRate(amount: number, currency: string): string {
  const digits = Math.abs(amount) < 1 ? 3 : 2
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount)
}

/** What an hour costs as the machine is now. */
export function describeRate({ status, perHour, storagePerHour, currency }: InstanceFacts): string {
  const isKept = status === 'stopped' || status === 'exited' || status === 'offline'
  const rate = isKept ? storagePerHour : perHour
  if (status === 'gone') return 'nothing more'
  if (rate === null) return 'not told'
  return `${formatRate(rate, currency)}/h${isKept ? ' for its disk' : ''}`
}

export type Figure = { name: string; text: string }

/** What stands on a card; of a machine that does not run they would be old. */
export function listFigures({ status, gpuUse, gpuTemperature, gpuMemory, cpuUse, memory, disk }: InstanceFacts) {
  if (status !== 'running') return []
  const percent = (value: number | null): string => (value === null ? '–' : `${Math.round(value)} %`)
  const all: Figure[] = [
    { name: 'GPU', text: percent(gpuUse) },
    { name: 'Temperature', text: gpuTemperature === null ? '–' : `${Math.round(gpuTemperature)} °C` },
    { name: 'GPU memory', text: share(gpuMemory) },
    { name: 'CPU', text: percent(cpuUse) },
    { name: 'Memory', text: share(memory) },
    { name: 'Disk', text: share(disk) },
  ]
  return all
}

type Room = InstanceFacts['memory']

function share({ used, total }: Room): string {
  return used === null || total === null || total === 0 ? '–' : `${Math.round((100 * used) / total)} %`
}

export function describeRoom({ used, total }: Room): string {
  if (total === null) return used === null ? 'not told' : formatBytes(used)
  return used === null ? formatBytes(total) : `${formatBytes(used)} of ${formatBytes(total)}`
}

/** How long it runs, and until when its contract goes. */
export function describeTimes({ status, startedAt, contractEndsAt }: InstanceFacts, now: number): string[] {
  const up = status === 'running' && startedAt !== null ? [`since ${formatDuration(Math.max(0, now - startedAt))}`] : []
  if (contractEndsAt === null) return up
  const left = contractEndsAt - now
  return [...up, left > 0 ? `contract ends in ${formatDuration(left)}` : 'contract has ended']
}

/** What is spent each hour by those that are listed, by currency; gone ones spend nothing. */
export function sumRates(instances: readonly RentedInstance[]): string {
  const rates = new Map<string, number>()
  for (const { facts } of instances) {
    const rate = facts.status === 'running' ? facts.perHour : facts.status === 'gone' ? null : facts.storagePerHour
    if (rate !== null) rates.set(facts.currency, (rates.get(facts.currency) ?? 0) + rate)
  }
  return [...rates].map(([currency, rate]) => `${formatRate(rate, currency)}/h`).join(' + ')
}

/** What an action does to a machine, for who is to confirm it. */
export function describeLoss(action: 'stop' | 'destroy', instance: RentedInstance): string {
  const { facts, job } = instance
  const isWorking = job !== null && !['completed', 'failed', 'cancelled', 'lost'].includes(job.state)
  const work = isWorking ? `The job «${job.name}» on it ends where it is. ` : ''
  if (action === 'destroy')
    return `${work}Everything on its disk is lost: checkpoints, data, logs. This cannot be taken back.`
  const disk =
    facts.storagePerHour === null
      ? 'Its disk stays, and is billed.'
      : `Its disk stays for ${formatRate(facts.storagePerHour, facts.currency)}/h.`
  return `${work}${disk} Whether it can be started again depends on whether its GPUs are free then.`
}

/** Where a training log on it stands; null where a job tells of itself. `formatTime` makes words of a moment, ms. */
export function describeLog({ log }: Pick<RentedInstance, 'log'>, formatTime: (at: number) => string): string | null {
  if (log === null) return null
  const { readAt, trouble } = log
  const read = readAt === null ? 'none found yet' : `last read ${formatTime(readAt)}`
  return trouble === null ? read : `${read}; over ssh it cannot be read: ${trouble}`
}
