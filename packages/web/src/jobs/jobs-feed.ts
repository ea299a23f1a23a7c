import { useEffect, useRef } from 'react'
import { useInfiniteQuery, useQuery, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import type { JobCard, JobPage, JobsEvent, JobStatistics } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { buildJobQuery, matchesSearch, needsRefresh } from './jobs-query.ts'
import type { JobsSearch } from './jobs-search.ts'

type Pages = InfiniteData<JobPage, string | null>

/** The page that no cursor leads to. */
const firstPage: string | null = null

/** A list that cards do not tell enough for is asked for again so often. */
const refreshMs = 15_000
/** Longer lists are not: all of their pages would be asked for. */
const refreshedPagesMax = 3

/** Statistics are asked for again so long after a job changed its state or its price. */
const statisticsAfterMs = 800

/** The list of jobs as filtered, page after page, kept fresh by the topic `jobs`. Asked for once it is `wanted`. */
export function useJobs(search: JobsSearch, wanted = true) {
  const { client } = useServices()
  const { columns: _, charts: __, add: ___, ...asked } = search
  const queryKey = ['jobs', asked] as const
  const list = useInfiniteQuery({
    queryKey,
    enabled: wanted,
    refetchInterval: (query: { state: { data: Pages | undefined } }) =>
      needsRefresh(search) && (query.state.data?.pages.length ?? 0) <= refreshedPagesMax ? refreshMs : false,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...buildJobQuery(search, Date.now()), ...(pageParam === null ? {} : { cursor: pageParam }) }
      return client.call('jobs.list', { query, signal })
    },
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  })
  useLiveJobs(search, { queryKey, isFetching: list.isFetching, updatedAt: list.dataUpdatedAt })
  return list
}

export function useJobStatistics() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['statistics'],
    queryFn: async ({ signal }): Promise<JobStatistics> => client.call('jobs.statistics', { signal }),
    refetchInterval: 60_000,
  })
}

type Fetch = { queryKey: readonly unknown[]; isFetching: boolean; updatedAt: number }

/** Events kept while a list is on its way; with more of them the list is asked for once again. */
const missedMax = 100

function useLiveJobs(search: JobsSearch, { queryKey, isFetching, updatedAt }: Fetch): void {
  const { live } = useServices()
  const queries = useQueryClient()
  const { member } = useSession()
  const current = useRef({ search, queryKey, memberId: member.id })
  const missed = useRef<JobsEvent[]>([])
  useEffect(() => {
    current.current = { search, queryKey, memberId: member.id }
  })
  useEffect(() => {
    if (isFetching) return
    // The answer may be older than what was told while it was on its way.
    const events = missed.current.splice(0)
    if (events.length > missedMax) void queries.invalidateQueries({ queryKey: ['jobs'] })
    else for (const event of events) takeEvent(queries, current.current, event)
  }, [isFetching, updatedAt, queries])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let historyTimer: ReturnType<typeof setTimeout> | undefined
    const undo = live.subscribe('jobs', {
      onEvent: (event) => {
        const isUnderWay = queries.getQueryState(current.current.queryKey)?.fetchStatus === 'fetching'
        if (isUnderWay && missed.current.length <= missedMax) missed.current.push(event)
        const changed = takeEvent(queries, current.current, event)
        if (changed)
          timer ??= setTimeout(() => {
            timer = undefined
            void queries.invalidateQueries({ queryKey: ['statistics'] })
          }, statisticsAfterMs)
        if (changed === 'price')
          historyTimer ??= setTimeout(() => {
            historyTimer = undefined
            void queries.invalidateQueries({ queryKey: ['history'] })
          }, statisticsAfterMs)
      },
      onReset: () => {
        void queries.invalidateQueries({ queryKey: ['jobs'] })
        void queries.invalidateQueries({ queryKey: ['statistics'] })
      },
    })
    return () => {
      clearTimeout(timer)
      clearTimeout(historyTimer)
      undo()
    }
  }, [live, queries])
}

/** Puts an event into the list on screen; tells whether some job has another price, else whether one is new, gone or in another state. */
function takeEvent(
  queries: QueryClient,
  shown: { search: JobsSearch; queryKey: readonly unknown[]; memberId: number },
  event: JobsEvent,
): 'price' | 'state' | undefined {
  const before = queries.getQueryData<Pages>(shown.queryKey)
  if (!before) return 'state'
  const known = new Map(before.pages.flatMap(({ jobs }) => jobs.map((card) => [card.uid, card] as const)))
  const viewer = { memberId: shown.memberId, now: Date.now() }
  queries.setQueryData<Pages>(
    shown.queryKey,
    mergeJobs(before, event, (card) => matchesSearch(card, shown.search, viewer)),
  )
  if (event.jobs.some((card) => isPricedAnew(known.get(card.uid), card))) return 'price'
  const isOther = event.removed.length > 0 || event.jobs.some((card) => known.get(card.uid)?.state !== card.state)
  return isOther ? 'state' : undefined
}

/** Amounts of jobs under way grow by themselves, and those of jobs that end or begin change with their state. */
function isPricedAnew(before: JobCard | undefined, { state, cost }: JobCard): boolean {
  if (before?.state !== state) return false
  if (before.cost?.currency !== cost?.currency || before.cost?.perHour !== cost?.perHour) return true
  return cost?.perHour === 0 && before.cost?.amount !== cost.amount
}

/** Cards change in place and never move; new ones that belong into the list arrive on top, archived ones leave it. */
export function mergeJobs(pages: Pages, event: JobsEvent, belongs: (card: JobCard) => boolean): Pages {
  const changed = new Map(event.jobs.map((card) => [card.uid, card]))
  const known = new Map(pages.pages.flatMap(({ jobs }) => jobs.map((card) => [card.uid, card] as const)))
  const archived = event.jobs.filter(
    (card) => card.archivedAt !== null && known.get(card.uid)?.archivedAt === null && !belongs(card),
  )
  const removed = new Set([...event.removed, ...archived.map(({ uid }) => uid)])
  const fresh = event.jobs
    .filter((card) => !known.has(card.uid) && belongs(card))
    .sort((a, b) => b.createdAt - a.createdAt)
  const gone = [...removed].filter((uid) => known.has(uid)).length
  const merged = pages.pages.map((page, at) => ({
    ...page,
    total: page.total + fresh.length - gone,
    jobs: [
      ...(at === 0 ? fresh : []),
      ...page.jobs.filter(({ uid }) => !removed.has(uid)).map((card) => newerOf(card, changed.get(card.uid))),
    ],
  }))
  return { ...pages, pages: merged }
}

function newerOf(card: JobCard, update: JobCard | undefined): JobCard {
  return update && update.version >= card.version ? update : card
}
