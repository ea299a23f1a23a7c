import { useQuery } from '@tanstack/react-query'
import type { Job } from '@pilothouse/contract'
import { formatCount, formatDuration } from '@pilothouse/signals'
import { useServerNow, useServices } from '../app/services.ts'
import { LaunchPanel } from '../launches/launch-panel.tsx'
import { ConfigurationPreview } from './configuration-tab.tsx'
import { isWaiting, waitingStates, type WaitingState } from './is-waiting.ts'

/** What each of these states waits for. */
const meanings: Readonly<Record<WaitingState, string>> = {
  queued: 'It is accepted and has not been handed to a machine yet.',
  submitting: 'It is being handed to its machine.',
  pending: 'The scheduler of its target has it and has not started it yet.',
}

/** A job that has not started: what it waits for, since when, and how many are before it. */
export function Waiting({ job }: { job: Job }) {
  const now = useServerNow(1_000)
  const before = useJobsBefore(job)
  if (!isWaiting(job.state)) return null
  return (
    <>
      <section aria-labelledby="waiting-title" className="rounded-lg border border-line bg-surface px-4 py-3">
        <h2 id="waiting-title" className="text-14 font-semibold">
          Waiting for {formatDuration(Math.max(0, now - job.createdAt))}
        </h2>
        <p className="text-muted">{meanings[job.state]}</p>
        <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5">
          <Fact term="Reason">{job.stateReason ?? 'none was told'}</Fact>
          <Fact term="Target">{job.target ?? 'none was named'}</Fact>
          {before === undefined ? null : (
            <Fact term="Before it">
              {before === 0 ? 'no job that is known here' : `${formatCount(before)} that wait for this target`}
            </Fact>
          )}
        </dl>
      </section>
      <LaunchPanel job={job} />
      <ConfigurationPreview job={job} />
    </>
  )
}

function Fact({ term, children }: { term: string; children: string }) {
  return (
    <>
      <dt className="text-muted">{term}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  )
}

/** Jobs that wait for the same target and came earlier; undefined while that is not known, and without a target. */
function useJobsBefore({ uid, target, createdAt, state }: Job): number | undefined {
  const { client } = useServices()
  const { data } = useQuery({
    queryKey: ['job', uid, 'before', target, createdAt],
    queryFn: async ({ signal }) => {
      const query = { state: [...waitingStates], target: [target ?? ''], until: createdAt, limit: 1 }
      return client.call('jobs.list', { query, signal })
    },
    enabled: target !== null && isWaiting(state),
    refetchInterval: 15_000,
  })
  return data?.total
}
