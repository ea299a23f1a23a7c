import type { BatchDetail } from '@pilothouse/contract'
import { formatDuration } from '@pilothouse/signals'
import { formatExactTime } from '../app/format-clock-time.ts'
import { BatchSign } from './batch-sign.tsx'
import { listSteps } from './batch-words.ts'

/** Steps of its life, when each began and how long it lasted. */
export function BatchTimeline({ batch, now }: { batch: BatchDetail; now: number }) {
  const steps = listSteps(batch.timeline, now)
  return (
    <ol className="flex flex-col px-3 py-2 sm:px-4">
      {steps.map(({ status, at, lastedMs }) => (
        <li key={`${status}-${at}`} className="flex min-h-7 flex-wrap items-center gap-x-3">
          <BatchSign status={status} />
          <time className="ml-auto text-12 text-muted" dateTime={new Date(at).toISOString()}>
            {formatExactTime(at)}
          </time>
          <span className="w-18 text-right text-12 font-medium">
            {lastedMs === null ? '' : formatDuration(lastedMs)}
          </span>
        </li>
      ))}
    </ol>
  )
}
