import { useMemo } from 'react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { makeChartView, type ChartView } from '../charts/chart-view.ts'
import type { JobSearch } from './job-search.ts'

const route = getRouteApi('/frame/job/$uid')

type Change = { [Key in keyof JobSearch]?: JobSearch[Key] | undefined }

/** How the charts are looked at: read from the address and written into it, so that a link brings the view back. */
export function useChartView(): ChartView {
  const search = route.useSearch()
  const change = useChangeSearch()
  // The same object while the address is the same: charts compare it.
  return useMemo(() => makeChartView(search, change), [search, change])
}

/** Puts parts into the address of the job's page; undefined takes them out. */
export function useChangeSearch(): (next: Change) => void {
  const navigate = useNavigate({ from: '/job/$uid' })
  return useMemo(
    () => (next: Change) => void navigate({ search: (before) => ({ ...before, ...next }) as JobSearch, replace: true }), // absent parts are dropped when read
    [navigate],
  )
}
