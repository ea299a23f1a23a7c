import { useEffect, useRef } from 'react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { JobStatistics } from '@pilothouse/contract'
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
import { JobsTable } from './jobs-table.tsx'
import { JobsWelcome } from './jobs-welcome.tsx'
import { SelectionBar, SelectionProvider } from './selection.tsx'
import { useJobs, useJobStatistics } from './jobs-feed.ts'
import { hasFilter, readJobsSearch, type JobsSearch } from './jobs-search.ts'

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
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[1600px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
        <h1 className="sr-only">Jobs</h1>
        <JobsFigures statistics={statistics} />
        <JobsFilters search={search} statistics={statistics} />
        {fault ? (
          <Notice title="This search cannot be read">
            <FaultWords text={search.q ?? ''} fault={fault} />
          </Notice>
        ) : (
          <JobsList jobs={jobs} isTable={search.view === 'table'} />
        )}
      </div>
    </div>
  )
}

function JobsList({ jobs, isTable }: { jobs: ReturnType<typeof useJobs>; isTable: boolean }) {
  const now = useServerNow()
  if (jobs.isError && !jobs.data) return <ErrorNotice error={jobs.error} onRetry={() => void jobs.refetch()} />
  if (!jobs.data) return <CardSkeletons />
  const cards = jobs.data.pages.flatMap((page) => page.jobs)
  const total = jobs.data.pages[0]?.total ?? 0
  if (cards.length === 0) {
    return (
      <Notice title="No job matches">
        <p>No job has all of these properties. Take a filter away, or search for fewer words.</p>
      </Notice>
    )
  }
  return (
    <>
      <p role="status" className="sr-only">
        {formatCount(total)} jobs
      </p>
      <SelectionBar cards={cards} />
      {isTable ? (
        <JobsTable cards={cards} now={now} />
      ) : (
        <div className={grid}>
          {cards.map((card) => (
            <JobCard key={card.uid} card={card} now={now} />
          ))}
        </div>
      )}
      <More shown={cards.length} total={total} hasMore={jobs.hasNextPage} load={() => void jobs.fetchNextPage()} />
    </>
  )
}

/** The next page is fetched when its place comes into sight. */
function More({ shown, total, hasMore, load }: { shown: number; total: number; hasMore: boolean; load: () => void }) {
  const mark = useRef<HTMLDivElement>(null)
  const next = useRef(load)
  useEffect(() => {
    next.current = load
  })
  useEffect(() => {
    if (!hasMore || !mark.current) return undefined
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && next.current(), {
      rootMargin: '400px',
    })
    observer.observe(mark.current)
    return () => observer.disconnect()
  }, [hasMore, shown])
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
