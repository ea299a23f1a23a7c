import { type MetricSeries, jobSource } from '@pilothouse/contract'
import { type NonFiniteMetric, isLossKey } from '@pilothouse/signals'
import type { JobRow } from '../jobs/read-job.ts'
import type { StorageContext } from '../storage/operation.ts'
import { readLatest } from '../telemetry/get-latest.ts'
import { answerMetrics } from '../telemetry/query-metrics.ts'

/** Losses whose first value that is no number is looked for. */
const lossesMax = 8
/** Looks at one loss, each at a thousandth of the range of the one before. */
const looksMax = 5
const buckets = 1_000

/** Losses that had values that are no numbers, with the step of the first one. */
export async function readNonFinite(context: StorageContext, job: JobRow): Promise<NonFiniteMetric[]> {
  const latest = await readLatest(context, job, { source: jobSource })
  const losses = latest.filter(({ key, nonFinite }) => nonFinite > 0 && isLossKey(key)).slice(0, lossesMax)
  const found: NonFiniteMetric[] = []
  for (const { key } of losses) {
    const first = await findFirst(context, job, key)
    if (first) found.push({ key, ...first })
  }
  return found
}

type First = Omit<NonFiniteMetric, 'key'>

/** Looks closer at the first bucket that has such a value until that bucket is a single point. */
async function findFirst(context: StorageContext, job: JobRow, key: string): Promise<First | null> {
  let range: { from?: number; to?: number } = {}
  let best: First | null = null
  for (let look = 0; look < looksMax; look += 1) {
    const query = { key: [key], source: jobSource, x: 'step' as const, points: buckets, ...range }
    const { series } = await answerMetrics(context, job, query)
    const bucket = firstBucket(series)
    if (!bucket) return best
    best = { step: Math.round(bucket.from), value: nameOf(bucket.value) }
    if (bucket.points === 1 || bucket.from === bucket.to) return best
    range = { from: bucket.from, to: bucket.to }
  }
  return best
}

type Bucket = { from: number; to: number; points: number; value: number }

/** Of all parts of the branch the earliest bucket with a value that is no number. */
function firstBucket(series: readonly MetricSeries[]): Bucket | undefined {
  return series
    .flatMap(({ x, xLast, n, nonFinite, first, last }) => {
      const at = Array.from(nonFinite).findIndex((count) => count > 0)
      if (at === -1) return []
      const value = Number.isFinite(first[at] ?? 0) ? (last[at] ?? Number.NaN) : (first[at] ?? Number.NaN)
      return [{ from: x[at] ?? 0, to: xLast[at] ?? 0, points: n[at] ?? 1, value }]
    })
    .toSorted((one, other) => one.from - other.from)[0]
}

function nameOf(value: number): First['value'] {
  if (value === Infinity) return 'Infinity'
  return value === -Infinity ? '-Infinity' : 'NaN'
}
