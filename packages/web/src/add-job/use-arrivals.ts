import { useEffect, useState } from 'react'
import { useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import type { JobPage } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { addArrivals, arrivalsShownMax, noArrivals, type Arrivals } from './arrivals.ts'

/** The jobs that have arrived since this was first rendered. */
export function useArrivals(): Arrivals {
  const { client, live } = useServices()
  const queries = useQueryClient()
  const [arrivals, setArrivals] = useState(noArrivals)
  useEffect(() => {
    const since = { openedAt: Date.now() + live.clockOffset(), known: listKnown(queries), seen: new Set<string>() }
    let gone = false
    // Worked out here and not in the updater of the state, which may run twice.
    let latest = noArrivals
    const take = (cards: JobPage['jobs']): void => {
      latest = addArrivals(latest, cards, since)
      if (!gone) setArrivals(latest)
    }
    // What came while the line was away.
    const catchUp = async (): Promise<void> => {
      const query = { since: since.openedAt, limit: arrivalsShownMax }
      take((await client.call('jobs.list', { query })).jobs.toReversed())
    }
    const undo = live.subscribe('jobs', {
      onEvent: ({ jobs }) => take(jobs),
      onReset: () => void catchUp().catch(() => undefined), // the banner already says that the server is away
    })
    return () => {
      gone = true
      undo()
    }
  }, [client, live, queries])
  return arrivals
}

function listKnown(queries: QueryClient): Set<string> {
  const lists = queries.getQueriesData<InfiniteData<JobPage>>({ queryKey: ['jobs'] })
  return new Set(lists.flatMap(([, data]) => data?.pages.flatMap(({ jobs }) => jobs.map(({ uid }) => uid)) ?? []))
}
