import { useLayoutEffect, useMemo } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import { useChangeSearch } from '../job/use-chart-view.ts'
import type { LogFeed } from './log-feed.ts'
import type { LogFilter } from './log-reader.ts'

const route = getRouteApi('/frame/job/$uid')

/** Which lines are shown: read from the address and written into it. */
export function useLogFilter(feed: LogFeed): [LogFilter, (filter: LogFilter) => void] {
  const { level, stream } = route.useSearch()
  const change = useChangeSearch()
  const filter = useMemo(() => ({ levels: level ?? [], stream }), [level, stream])
  // Before anything is painted: no line that is not wanted is seen.
  useLayoutEffect(() => void feed.setFilter(filter), [feed, filter])
  return [filter, ({ levels, stream: next }) => change({ level: [...levels], stream: next })]
}
