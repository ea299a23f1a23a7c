import type { Client } from '@pilothouse/client'
import type { LatestMetric } from '@pilothouse/contract'
import type { JobUse } from './job-row.ts'

/** Older figures are of another time than now. */
const freshMs = 2 * 60_000

/** Newest figures of the GPUs of a job; null where it has none, or none lately. */
export async function readJobUse(
  client: Client,
  uid: string,
  { now, signal }: { now: number; signal: AbortSignal },
): Promise<JobUse | null> {
  const { metrics } = await client.call('metrics.latest', { params: { uid }, query: { source: 'gpu:*' }, signal })
  return sumUpUse(metrics, now)
}

/** Means over GPUs; of temperatures the highest. */
export function sumUpUse(metrics: readonly LatestMetric[], now: number): JobUse | null {
  const fresh = metrics.filter(({ time }) => now - time < freshMs)
  const uses = valuesOf(fresh, 'gpu.utilization')
  if (uses.length === 0) return null
  const temperatures = valuesOf(fresh, 'gpu.temperature')
  const [used, total] = [sum(valuesOf(fresh, 'gpu.memory.used')), sum(valuesOf(fresh, 'gpu.memory.total'))]
  return {
    use: sum(uses) / uses.length,
    memory: total > 0 ? (used / total) * 100 : null,
    temperature: temperatures.length === 0 ? null : Math.max(...temperatures),
    count: new Set(fresh.map(({ source }) => source)).size,
    at: now,
  }
}

function valuesOf(metrics: readonly LatestMetric[], key: string): number[] {
  return metrics.filter((one) => one.key === key).map(({ value }) => Number(value))
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
