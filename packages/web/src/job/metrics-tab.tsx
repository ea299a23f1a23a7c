import { lazy, Suspense, useMemo } from 'react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import { jobSource } from '@pilothouse/contract/wire'
import { formatSearch, parseSearch } from '../app/search-params.ts'
import type { KeyGroup } from '@pilothouse/signals'
import { combineGroups } from '../charts/combine-groups.ts'
import type { JobFeed } from '../charts/job-feed.ts'
import { OverlayCharts } from '../charts/overlay-charts.tsx'
import { ViewsMenu } from '../views/views-menu.tsx'
import { BranchMenu } from './branch-menu.tsx'
import { ChartControls } from './chart-controls.tsx'
import { FrameMenu } from './frame-menu.tsx'
import { leaveTab, readJobSearch } from './job-search.ts'
import { listBehind } from './list-behind.ts'
import { NoMetrics } from './no-metrics.tsx'
import { OverlayButton, OverlayChips } from './overlay-bar.tsx'
import { Results } from './results.tsx'
import { useChangeSearch, useChartView } from './use-chart-view.ts'
import { useKeyGroups, useLogged } from './use-latest.ts'
import { useOverlayEntries, useOverlayJobs, useOverlayKeys } from './use-overlay-jobs.ts'

/** Fetched behind the charts. */
const BrushStrip = lazy(async () => ({ default: (await import('../charts/brush-strip.tsx')).BrushStrip }))

const route = getRouteApi('/frame/job/$uid')

/** Every metric of the job, the most looked-for first. Charts out of sight fetch and draw nothing. */
export function MetricsTab({ job, feed, paused }: { job: Job; feed: JobFeed; paused: boolean }) {
  const view = useChartView()
  const search = route.useSearch()
  const { with: text } = search
  const entries = useOverlayEntries(text, job)
  const groups = useKeyGroups(feed, job, view.x, useOverlayKeys(entries))
  const logged = useLogged(feed)
  const shown = useMemo(() => groups && findGroups(combineGroups(groups, view), view.keys), [groups, view])
  const keys = useMemo(() => groups?.flatMap(({ members }) => members.map(({ key }) => key)), [groups])
  const navigate = useNavigate({ from: '/job/$uid' })
  const change = useChangeSearch()
  const jobs = useOverlayJobs(entries, job, { feed, behind: listBehind(job, search) })
  const { note: _, sample: __, at: ___, pin: ____, branch: _____, ...lasting } = leaveTab(search)
  const kept = formatSearch(lasting).slice(1)
  const openView = (words: string): void =>
    void navigate({ search: { ...readJobSearch(parseSearch(words)), tab: 'metrics' } })
  if (!groups || !shown) return null
  // The strip shows what this job has, and so where it is.
  const first = groups.find(({ members }) => members.some(({ key }) => logged?.keys.includes(key))) ?? groups[0]
  const x = view.x ?? first?.x ?? 'step'
  const bar = { job, text, entries, onChange: (next: string | undefined) => change({ with: next }) }
  return (
    <div className="flex flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4">
      {groups.length === 0 ? (
        <NoMetrics job={job} />
      ) : (
        <ChartControls view={view} job={job}>
          <FrameMenu view={view} x={x} feed={feed} />
          <BranchMenu job={job} />
          <OverlayButton {...bar} />
          <ViewsMenu page="metrics" project={job.project} search={kept} plainName="All metrics" open={openView} />
        </ChartControls>
      )}
      <OverlayChips {...bar} />
      <Results job={job} feed={feed} />
      {groups.length > 0 && shown.length === 0 ? (
        <p className="py-6 text-muted">No metric has «{view.keys}» in its name.</p>
      ) : null}
      <OverlayCharts
        jobs={jobs}
        groups={shown}
        view={view}
        paused={paused}
        keys={keys}
        head={(overlay) =>
          first && shown.length > 0 ? (
            <Suspense fallback={<div className="h-12" />}>
              <BrushStrip
                feed={overlay}
                view={view}
                x={x}
                keys={findStripKey(first, logged?.keys ?? [])}
                source={first.sources?.includes(jobSource) === false ? (first.sources[0] ?? jobSource) : jobSource}
              />
            </Suspense>
          ) : null
        }
      />
    </div>
  )
}

/** Those in which a key has all the words. */
function findGroups(groups: readonly KeyGroup[], text: string): readonly KeyGroup[] {
  const words = text.toLowerCase().split(/\s+/)
  return groups.filter(({ members }) =>
    members.some(({ key }) => words.every((word) => key.toLowerCase().includes(word))),
  )
}

/** One line is enough to find a place again; one of the job itself if there is one. */
function findStripKey({ members }: KeyGroup, own: readonly string[]): string[] {
  const keys = members.map(({ key }) => key)
  return [keys.find((key) => own.includes(key)) ?? keys[0] ?? '']
}
