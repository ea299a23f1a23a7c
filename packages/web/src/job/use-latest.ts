import { useMemo, useSyncExternalStore } from 'react'
import type { Job, LatestMetric, XAxis } from '@pilothouse/contract'
import { jobSource } from '@pilothouse/contract/wire'
import type { JobFeed } from '../charts/job-feed.ts'
import type { LoggedKeys } from '../charts/latest-values.ts'
import { groupKeys, type KeyGroup, chooseAxes } from '@pilothouse/signals'

const none: readonly string[] = []

/** Newest values of every series; undefined before the first answer. */
export function useLatest(feed: JobFeed): readonly LatestMetric[] | undefined {
  return useSyncExternalStore(feed.subscribeLatest, feed.latest)
}

/**
 * The metrics of the job itself, in charts; the same list until a new key appears. Those that the script draws over
 * different axes have charts of their own, unless somebody chose one axis for all. `others`: metrics of jobs that lie over
 * this one; those that only they have get charts too. The same array while nothing changes.
 */
export function useKeyGroups(
  feed: JobFeed,
  job: Job,
  chosen: XAxis | undefined,
  others: readonly string[] = none,
): KeyGroup[] | undefined {
  const logged = useLogged(feed)
  // The job comes anew with each of its changes; what it says of metrics rarely does.
  const definitions = JSON.stringify(job.metrics)
  const { modelType, model } = job
  return useMemo(() => {
    if (!logged) return undefined
    const { hasEpochs, sources } = logged
    const keys = [...new Set([...logged.keys, ...sources.keys(), ...others])].sort()
    const known = new Set(logged.keys)
    const defined = JSON.parse(definitions) as Job['metrics'] // written above
    const axisOf = chooseAxes(defined, { hasKey: (key) => known.has(key), hasEpochs })
    const groups = groupKeys(keys, chosen === undefined ? axisOf : undefined, {
      modelType,
      model,
      ownKeys: logged.keys,
    })
    return groups.map((group) => {
      const from = new Set(group.members.flatMap(({ key }) => sources.get(key) ?? []))
      const isOwn = group.members.some(({ key }) => known.has(key))
      if (isOwn && from.size > 0) from.add(jobSource)
      return from.size === 0 ? group : { ...group, sources: [...from] }
    })
  }, [logged, definitions, chosen, modelType, model, others])
}

/** What the job itself has logged; the same object until a key appears. */
export function useLogged(feed: JobFeed): LoggedKeys | undefined {
  return useSyncExternalStore(feed.subscribeLatest, feed.logged)
}
