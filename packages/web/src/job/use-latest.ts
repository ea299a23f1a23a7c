import { useMemo, useSyncExternalStore } from 'react'
import type { LatestMetric } from '@pilothouse/contract'
import { jobSource } from '@pilothouse/contract/wire'
import type { JobFeed } from '../charts/job-feed.ts'
import { groupKeys, type KeyGroup } from '../charts/group-keys.ts'

/** Newest values of every series; undefined before the first answer. */
export function useLatest(feed: JobFeed): readonly LatestMetric[] | undefined {
  return useSyncExternalStore(feed.subscribeLatest, feed.latest)
}

/** The metrics of the job itself, in charts; the same list until a new key appears. */
export function useKeyGroups(feed: JobFeed): KeyGroup[] | undefined {
  const latest = useLatest(feed)
  const names = latest
    ?.filter(({ source }) => source === jobSource)
    .map(({ key }) => key)
    .sort()
    .join('\n')
  return useMemo(() => (names === undefined ? undefined : names === '' ? [] : groupKeys(names.split('\n'))), [names])
}
