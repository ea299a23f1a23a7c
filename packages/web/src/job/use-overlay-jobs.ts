import { useEffect, useMemo } from 'react'
import { useQueries, useQueryClient } from '@tanstack/react-query'
import type { Job } from '@pilothouse/contract'
import { isEnded, jobSource } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'
import { parseOverlay, type OverlayPlace } from '../charts/overlay-places.ts'
import type { ChartFeed } from '../charts/chart-data.ts'
import type { OverlayJob } from '../charts/use-overlay.ts'

/** One that the address names: the job once it is known, or why it is not. */
export type OverlayEntry = OverlayPlace & { job: Job | undefined; error: Error | null; name: string }

/** The jobs that lie over this one, as the address names them, kept fresh while they run. */
export function useOverlayEntries(text: string | undefined, own: Job): OverlayEntry[] {
  const { client } = useServices()
  const places = useMemo(() => parseOverlay(text), [text])
  const uids = [...new Set(places.map(({ uid }) => uid))].filter((uid) => uid !== own.uid)
  const answers = useQueries({
    queries: uids.map((uid) => ({
      queryKey: ['job', uid],
      queryFn: async ({ signal }: { signal: AbortSignal }) => client.call('jobs.get', { params: { uid }, signal }),
    })),
  })
  const entries = places.map((place): OverlayEntry => {
    const answer = answers[uids.indexOf(place.uid)]
    const job = place.uid === own.uid ? own : answer?.data
    return { ...place, job, error: answer?.error ?? null, name: nameOf(place, job, own) }
  })
  useFresh(entries.flatMap(({ job, uid }) => (job && uid !== own.uid && !isEnded(job.state) ? [uid] : [])))
  return entries
}

function nameOf({ uid, branch }: OverlayPlace, job: Job | undefined, own: Job): string {
  const name = job?.name ?? uid
  if (branch === undefined) return name
  return uid === own.uid ? `branch ${branch}` : `${name}, branch ${branch}`
}

/** This job first, then those over it; the same array until something about them changes. */
export function useOverlayJobs(
  entries: readonly OverlayEntry[],
  own: Job,
  { feed, behind }: { feed: ChartFeed; behind: readonly number[] },
): readonly OverlayJob[] {
  const others = entries.flatMap(({ job, branch, place, name }): OverlayJob[] => {
    if (!job) return []
    const { uid, state, startedAt, createdAt } = job
    return [{ uid, branch, place, name, state, startedAt, createdAt }]
  })
  const { uid, name, state, startedAt, createdAt } = own
  const self = { uid, name, state, startedAt, createdAt, place: 0 }
  const laid = behind.filter((branch) => !entries.some((one) => one.uid === uid && one.branch === branch))
  const faint = laid.map((branch) => ({ ...self, branch, name: `branch ${branch}`, isFaint: true }))
  const all = [self, ...others, ...faint]
  const written = JSON.stringify(all)
  return useMemo(() => {
    const [first, ...rest] = JSON.parse(written) as [OverlayJob, ...OverlayJob[]] // written above
    return [{ ...first, feed }, ...rest]
  }, [written, feed])
}

/** Metrics that jobs over one another have are looked for again so often while they run. */
const keysEveryMs = 20_000

/** Metrics of the jobs that lie over this one; the same array until one comes. */
export function useOverlayKeys(entries: readonly OverlayEntry[]): readonly string[] {
  const { client } = useServices()
  const answers = useQueries({
    queries: entries.map(({ uid, branch, job }) => ({
      queryKey: ['metric keys', uid, branch ?? null],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const query = { source: jobSource, ...(branch === undefined ? {} : { branch }) }
        const { metrics } = await client.call('metrics.latest', { params: { uid }, query, signal })
        return metrics.map(({ key }) => key)
      },
      refetchInterval: job && !isEnded(job.state) ? keysEveryMs : (false as const),
    })),
  })
  const written = JSON.stringify([...new Set(answers.flatMap(({ data }) => data ?? []))].sort())
  return useMemo(() => JSON.parse(written) as string[], [written]) // written above
}

/** Names and states of jobs that still run change. */
function useFresh(uids: readonly string[]): void {
  const { live } = useServices()
  const queries = useQueryClient()
  const names = uids.join()
  useEffect(() => {
    const undo = names
      .split(',')
      .filter((uid) => uid !== '')
      .map((uid) =>
        live.subscribe(`job:${uid}`, {
          onEvent: (job) =>
            queries.setQueryData<Job>(['job', uid], (known) => (known && known.version > job.version ? known : job)),
          onReset: () => void queries.invalidateQueries({ queryKey: ['job', uid] }),
        }),
      )
    return () => undo.forEach((stop) => stop())
  }, [live, queries, names])
}
