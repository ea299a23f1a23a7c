import { lazy, Suspense, useEffect, useRef, type RefObject } from 'react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { JobCard as Card, JobStatistics } from '@pilothouse/contract'
import { parseSearchText } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { AddJob } from '../add-job/add-job.tsx'
import { usePageName } from '../app/crumbs.tsx'
import { parseSearch } from '../app/search-params.ts'
import { useServerNow } from '../app/services.ts'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { useDefaultView } from '../views/use-views.ts'
import { JobCard } from './job-card.tsx'
import { FaultWords } from './job-search-box.tsx'
import { JobsFigures } from './jobs-figures.tsx'
import { JobsFilters } from './jobs-filters.tsx'
import { useListKeys } from './list-keys.ts'
import { JobsWelcome } from './jobs-welcome.tsx'
import { SelectionProvider, useSelection } from './selection.tsx'
import { useJobs, useJobStatistics } from './jobs-feed.ts'
import { hasFilter, readJobsSearch, type JobsSearch } from './jobs-search.ts'

const HistoryPanel = lazy(async () => ({ default: (await import('./history-panel.tsx')).HistoryPanel }))
const JobsTable = lazy(async () => ({ default: (await import('./jobs-table.tsx')).JobsTable }))
/** Fetched when jobs are being picked. */
const SelectionBar = lazy(async () => ({ default: (await import('./selection-bar.tsx')).SelectionBar }))

const route = getRouteApi('/frame/')
const grid = 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,300px),1fr))] gap-3'

/** The dashboard: what runs, what waits, what went wrong, and the way to each job. */
export function JobsPage() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/' })
  const isDecided = useDefaultView({
    page: 'jobs',
    isPlain: Object.keys(search).length === 0,
    open: (view) => void navigate({ search: readJobsSearch(parseSearch(view)), replace: true }),
  })
  const [fault] = parseSearchText(search.q ?? '', 0).faults
  const jobs = useJobs(search, isDecided && fault === undefined)
  const statistics = useJobStatistics()
  usePageName(undefined, 'Jobs')
  const isEmpty = jobs.data?.pages[0]?.total === 0 && !jobs.isPlaceholderData
  const isNew = isEmpty && !hasFilter(search) && statistics.data?.total === 0
  return (
    <>
      {isNew ? (
        <JobsWelcome />
      ) : (
        <SelectionProvider>
          <Dashboard search={search} jobs={jobs} statistics={statistics.data} />
        </SelectionProvider>
      )}
      {/* Beside both: it stays open while the first job turns one into the other. */}
      <AddJob />
    </>
  )
}

type DashboardProps = { search: JobsSearch; jobs: ReturnType<typeof useJobs>; statistics: JobStatistics | undefined }

function Dashboard({ search, jobs, statistics }: DashboardProps) {
  const [fault] = parseSearchText(search.q ?? '', 0).faults
  useListKeys(search)
  const isTable = search.view === 'table'
  const list = fault ? (
    <Notice title="This search cannot be read">
      <FaultWords text={search.q ?? ''} fault={fault} />
    </Notice>
  ) : (
    <JobsList jobs={jobs} search={search} statistics={statistics} />
  )
  return (
    <div className={isTable ? 'flex h-full flex-col overflow-y-auto' : 'h-full overflow-y-auto'}>
      <div
        className={`mx-auto flex w-full flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5 ${isTable ? 'min-h-0 flex-1' : 'max-w-[1600px]'}`}
      >
        <h1 className="sr-only">Jobs</h1>
        <JobsFigures statistics={statistics} />
        <JobsFilters search={search} statistics={statistics} />
        {search.charts && !fault ? (
          <Suspense fallback={<div className="min-h-36 shrink-0 rounded-lg border border-line bg-surface" />}>
            <HistoryPanel search={search} days={search.charts} />
          </Suspense>
        ) : null}
        {list}
      </div>
    </div>
  )
}

type ListProps = { jobs: ReturnType<typeof useJobs>; search: JobsSearch; statistics: JobStatistics | undefined }

function JobsList({ jobs, search, statistics }: ListProps) {
  const now = useServerNow()
  const { isOn: isPicking } = useSelection()
  const isTable = search.view === 'table'
  if (jobs.isError && !jobs.data) return <ErrorNotice error={jobs.error} onRetry={() => void jobs.refetch()} />
  if (!jobs.data) return isTable ? <RowSkeletons /> : <CardSkeletons />
  const cards = jobs.data.pages.flatMap((page) => page.jobs)
  const total = jobs.data.pages[0]?.total ?? 0
  if (cards.length === 0) {
    return (
      <Notice title="No job matches">
        <p>No job has all of these properties. Take a filter away, or search for fewer words.</p>
      </Notice>
    )
  }
  const load = (): void => void jobs.fetchNextPage()
  return (
    <>
      <p role="status" className="sr-only">
        {formatCount(total)} jobs
      </p>
      {isPicking ? (
        <Suspense fallback={null}>
          <SelectionBar cards={cards} statistics={statistics} total={total} search={search} />
        </Suspense>
      ) : null}
      {isTable ? (
        <TableFrame cards={cards} total={total} now={now} search={search} hasMore={jobs.hasNextPage} load={load} />
      ) : (
        <>
          <div className={grid}>
            {cards.map((card) => (
              <JobCard key={card.uid} card={card} now={now} />
            ))}
          </div>
          <More shown={cards.length} total={total} hasMore={jobs.hasNextPage} load={load} />
        </>
      )}
    </>
  )
}

type FrameProps = {
  cards: readonly Card[]
  total: number
  now: number
  search: JobsSearch
  hasMore: boolean
  load: () => void
}

/** The table scrolls by itself, both ways, below what stays. */
function TableFrame({ cards, total, now, search, hasMore, load }: FrameProps) {
  const scroller = useRef<HTMLDivElement>(null)
  return (
    <div className="min-h-80 flex-1 rounded-lg border border-line bg-surface" style={{ contain: 'strict' }}>
      <div ref={scroller} className="h-full overflow-auto rounded-lg" tabIndex={-1}>
        <Suspense fallback={<RowSkeletons />}>
          <JobsTable cards={cards} total={total} now={now} search={search} scroller={scroller} />
        </Suspense>
        <More shown={cards.length} total={total} hasMore={hasMore} load={load} within={scroller} />
      </div>
    </div>
  )
}

type MoreProps = {
  shown: number
  total: number
  hasMore: boolean
  load: () => void
  /** What it scrolls in, where that is not the page. */
  within?: RefObject<HTMLElement | null>
}

/** The next page is fetched when its place comes into sight. */
function More({ shown, total, hasMore, load, within }: MoreProps) {
  const mark = useRef<HTMLDivElement>(null)
  const next = useRef(load)
  useEffect(() => {
    next.current = load
  })
  useEffect(() => {
    if (!hasMore || !mark.current) return undefined
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && next.current(), {
      rootMargin: '800px',
      root: within?.current ?? null,
    })
    observer.observe(mark.current)
    return () => observer.disconnect()
  }, [hasMore, shown, within])
  return (
    <div ref={mark} className="py-1 text-center text-12 text-faint">
      {hasMore ? `${formatCount(shown)} of ${formatCount(total)}` : null}
    </div>
  )
}

function CardSkeletons() {
  return (
    <div className={`waits ${grid}`} aria-busy="true" aria-label="Jobs are on their way">
      {Array.from({ length: 6 }, (_, at) => (
        <div key={at} className="flex h-[174px] flex-col gap-3 rounded-lg border border-line bg-surface p-3">
          <div className="h-4 w-2/3 rounded-sm bg-hover" />
          <div className="h-3 w-1/2 rounded-sm bg-hover" />
          <div className="h-10 rounded-sm bg-hover" />
          <div className="h-1 rounded-full bg-hover" />
        </div>
      ))}
    </div>
  )
}

function RowSkeletons() {
  return (
    <div
      className="waits min-h-80 flex-1 overflow-hidden rounded-lg border border-line bg-surface"
      aria-busy="true"
      aria-label="Jobs are on their way"
    >
      {Array.from({ length: 12 }, (_, at) => (
        <div key={at} className="flex h-9 items-center gap-6 border-b border-line px-4">
          <div className="h-3 w-56 rounded-sm bg-hover" />
          <div className="h-3 w-20 rounded-sm bg-hover" />
          <div className="h-3 flex-1 rounded-sm bg-hover" />
        </div>
      ))}
    </div>
  )
}
