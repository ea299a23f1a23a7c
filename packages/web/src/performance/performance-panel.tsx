import type { Job, JobPerformance } from '@pilothouse/contract'
import { describeCost, listPerformanceFigures } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'
import { DisclosureBar } from '../ui/disclosure-bar.tsx'
import { MachineTable } from './machine-table.tsx'
import { Timeline } from './timeline.tsx'
import { usePerformance } from './use-performance.ts'

/** How a job that has ended spent its time and its hardware. */
export function PerformancePanel({ job }: { job: Job }) {
  const { data, error, isPending, refetch } = usePerformance(job)
  if (isPending) return <Skeleton />
  if (!data) return <Unread error={error} onRetry={() => void refetch()} />
  if (data.attempts.length === 0) return null
  return (
    <>
      <Timeline performance={data} />
      <Figures performance={data} />
    </>
  )
}

function Figures({ performance }: { performance: JobPerformance }) {
  const { gpus, hosts, cost } = performance
  return (
    <section aria-labelledby="performance-title" className="overflow-hidden rounded-lg border border-line bg-surface">
      <h2 id="performance-title" className="px-3 pt-2.5 pb-1.5 font-medium">
        Performance
      </h2>
      <dl className="cells grid-cols-2 border-t border-line sm:grid-cols-[repeat(auto-fill,minmax(150px,1fr))]">
        {listPerformanceFigures(performance).map(({ label, value, note }) => (
          <div key={label} className="min-w-0 bg-surface px-3 py-2">
            <dt className="truncate text-12 text-muted">{label}</dt>
            <dd className="truncate text-16 font-medium whitespace-nowrap">{value}</dd>
            <dd className="truncate text-12 text-faint" title={note}>
              {note ?? '\u00a0'}
            </dd>
          </div>
        ))}
      </dl>
      {cost ? (
        <p className="border-t border-line px-3 py-2 wrap-anywhere text-muted">Cost: {describeCost(cost)}.</p>
      ) : null}
      {gpus.length + hosts.length === 0 ? (
        <p className="border-t border-line px-3 py-2 text-muted">
          No figures of its machine were reported, so there is nothing to tell of GPUs, memory or energy.
        </p>
      ) : (
        <details className="group border-t border-line">
          <DisclosureBar>
            <h3 className="font-medium">Each GPU and host</h3>
          </DisclosureBar>
          <MachineTable gpus={gpus} hosts={hosts} />
        </details>
      )}
    </section>
  )
}

function Skeleton() {
  return (
    <div
      className="waits flex flex-col gap-2 rounded-lg border border-line bg-surface px-3 py-3"
      aria-busy="true"
      aria-label="The performance is on its way"
    >
      <div className="h-4 w-40 rounded-sm bg-hover" />
      <div className="h-3 rounded-sm bg-hover" />
      <div className="h-14 rounded-md bg-hover" />
    </div>
  )
}

function Unread({ error, onRetry }: { error: Error | null; onRetry: () => void }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-lg border border-line bg-surface px-4 py-3">
      <p className="min-w-0 flex-1 wrap-anywhere text-muted">
        The performance could not be read: {error?.message ?? 'the server gave no reason.'}
      </p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  )
}
