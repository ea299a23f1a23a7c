import { useEffect, useRef, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { Job } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'
import { JobFeed } from '../charts/job-feed.ts'
import { LogFeed } from '../logs/log-feed.ts'

/** The job itself: asked for once, then kept by its topic. While `paused` it stays as it was. */
export function useJob(uid: string, paused: boolean) {
  const { client, live } = useServices()
  const queries = useQueryClient()
  const isPaused = useRef(paused)
  useEffect(() => {
    isPaused.current = paused
    if (!paused) void queries.invalidateQueries({ queryKey: ['job', uid] })
  }, [paused, queries, uid])
  useEffect(
    () =>
      live.subscribe(`job:${uid}`, {
        onEvent: (job) => {
          if (isPaused.current) return
          queries.setQueryData<Job>(['job', uid], (known) => (known && known.version > job.version ? known : job))
        },
        onReset: () => {
          if (!isPaused.current) void queries.invalidateQueries({ queryKey: ['job', uid] })
        },
      }),
    [live, queries, uid],
  )
  return useQuery({
    queryKey: ['job', uid],
    queryFn: async ({ signal }) => client.call('jobs.get', { params: { uid }, signal }),
  })
}

export type Feeds = { charts: JobFeed; log: LogFeed }

/** `branch`: the one that charts show, as the address has it; absent = wherever the job goes. */
type FeedOptions = { paused: boolean; branch: string | undefined }

/** The feeds of charts and log, for as long as the page of the job is open. */
export function useFeeds(job: Job | undefined, { paused, branch }: FeedOptions): Feeds | undefined {
  const services = useServices()
  const [feeds, setFeeds] = useState<Feeds>()
  const uid = job?.uid
  const attempt = job?.attempt
  const origin = job?.startedAt ?? job?.createdAt ?? 0
  const ended = job ? isEnded(job.state) : false
  useEffect(() => {
    if (uid === undefined || attempt === undefined) return undefined
    const shown = branch === undefined ? {} : { branch: Number(branch) }
    const made = {
      charts: new JobFeed({ ...services, uid, ...shown }),
      log: new LogFeed({ ...services, uid, attempt }),
    }
    setFeeds(made)
    return () => {
      made.charts.close()
      made.log.close()
      setFeeds(undefined)
    }
  }, [services, uid, attempt, branch])
  useEffect(() => {
    if (feeds) feeds.charts.origin = origin
  }, [feeds, origin])
  useEffect(() => {
    if (!feeds) return
    if (paused) {
      feeds.charts.pause()
      feeds.log.pause()
    } else {
      feeds.charts.resume()
      feeds.log.resume()
    }
  }, [feeds, paused])
  // The last points of a run may be stored after its last event: one more look when it ends.
  useEffect(() => {
    if (feeds && ended) feeds.charts.refresh()
  }, [feeds, ended])
  return feeds
}
