import { lazy, Suspense, useEffect, useRef, type RefObject } from 'react'
import type { JobCard as Card, JobStatistics } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { useServerNow } from '../app/services.ts'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { JobCard } from './job-card.tsx'
import type { useJobs } from './jobs-feed.ts'
import type { JobsSearch } from './jobs-search.ts'
import { useSelection } from './selection.tsx'

const JobsTable = lazy(async () => ({ default: (await import('./jobs-table.tsx')).JobsTable }))
/** Fetched when jobs are being picked. */
const SelectionBar = lazy(async () => ({ default: (await import('./selection-bar.tsx')).SelectionBar }))

const grid = 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,300px),1fr))] gap-3'

type ListProps = { jobs: ReturnType<typeof useJobs>; search: JobsSearch; statistics: JobStatistics | undefined }

/** Jobs as cards or as a table, page after page as they come into sight. */
export function JobsList({ jobs, search, statistics }: ListProps) {
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
      {isPicking ? <SelectionBar cards={cards} statistics={statistics} total={total} search={search} /> : null}
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
