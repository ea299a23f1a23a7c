import { lazy, Suspense } from 'react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { JobStatistics } from '@pilothouse/contract'
import { parseSearchText } from '@pilothouse/contract/wire'
import { AddJob } from '../add-job/add-job.tsx'
import { usePageName } from '../app/crumbs.tsx'
import { parseSearch } from '../app/search-params.ts'
import { Notice } from '../ui/notice.tsx'
import { useDefaultView } from '../views/use-views.ts'
import { FaultWords } from './job-search-box.tsx'
import { JobsFigures } from './jobs-figures.tsx'
import { JobsFilters } from './jobs-filters.tsx'
import { useListKeys } from './list-keys.ts'
import { JobsList } from './jobs-list.tsx'
import { JobsWelcome } from './jobs-welcome.tsx'
import { SelectionProvider } from './selection.tsx'
import { useJobs, useJobStatistics } from './jobs-feed.ts'
import { hasFilter, readJobsSearch, type JobsSearch } from './jobs-search.ts'

const HistoryPanel = lazy(async () => ({ default: (await import('./history-panel.tsx')).HistoryPanel }))

const route = getRouteApi('/frame/')

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
