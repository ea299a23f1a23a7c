import { lazy, Suspense, type ReactNode } from 'react'
import type { Job } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import type { JobFeed } from '../charts/job-feed.ts'
import { AlertList } from './alert-list.tsx'
import { Failure } from './failure.tsx'
import { combineGroups } from '../charts/combine-groups.ts'
import type { KeyGroup } from '@pilothouse/signals'
import { MetricChart } from '../charts/metric-chart.tsx'
import { ResourceChart } from './resource-charts.tsx'
import { listResourcePictures } from '@pilothouse/signals'
import { Stages } from './stages.tsx'
import { SummaryValues } from './summary-values.tsx'
import { useChartView } from './use-chart-view.ts'
import { useKeyGroups, useLatest } from './use-latest.ts'
import { ValueCards } from './value-cards.tsx'
import { NoMetrics } from './no-metrics.tsx'
import { isWaiting } from './is-waiting.ts'

/** Fetched for jobs in these states, for those that made or used something, and for those that went back. */
const Waiting = lazy(async () => ({ default: (await import('./waiting.tsx')).Waiting }))
const LaunchPanel = lazy(async () => ({ default: (await import('../launches/launch-panel.tsx')).LaunchPanel }))
const Diagnosis = lazy(async () => ({ default: (await import('./diagnosis.tsx')).Diagnosis }))
const ArtifactList = lazy(async () => ({ default: (await import('./artifact-list.tsx')).ArtifactList }))
const Results = lazy(async () => ({ default: (await import('./results.tsx')).Results }))
const BranchCharts = lazy(async () => ({ default: (await import('./branch-charts.tsx')).BranchCharts }))
const PerformancePanel = lazy(async () => ({
  default: (await import('../performance/performance-panel.tsx')).PerformancePanel,
}))

/** About six pictures are looked at; the rest is in its tab. */
const metricChartsMax = 4
const resourceChartsMax = 2

export function OverviewTab({ job, feed }: { job: Job; feed: JobFeed }) {
  const waits = isWaiting(job.state)
  const hasSide = job.stages.length + job.alerts.length > 0
  return (
    <div className="flex flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4">
      <Failure job={job} />
      {job.state === 'failed' ? (
        <Later>
          <Diagnosis job={job} />
        </Later>
      ) : null}
      <div className={hasSide ? 'grid gap-3 xl:grid-cols-[224px_minmax(0,1fr)]' : ''}>
        {hasSide ? (
          <div className="flex min-w-0 flex-col gap-3 xl:sticky xl:top-[52px] xl:self-start">
            <Stages job={job} />
            <AlertList job={job} />
          </div>
        ) : null}
        <div className="flex min-w-0 flex-col gap-3">
          {waits ? (
            <Later>
              <Waiting job={job} />
            </Later>
          ) : null}
          {job.error?.type === 'LaunchError' ? (
            <Later>
              <LaunchPanel job={job} />
            </Later>
          ) : null}
          <ValueCards job={job} feed={feed} />
          {isEnded(job.state) ? <SummaryValues job={job} /> : null}
          {isEnded(job.state) ? <Artifacts job={job} /> : null}
          <Charts job={job} feed={feed} isWaiting={waits} />
          {isEnded(job.state) ? <Ended job={job} feed={feed} /> : <Artifacts job={job} />}
        </div>
      </div>
    </div>
  )
}

function Artifacts({ job }: { job: Job }) {
  if (job.artifacts.length === 0) return null
  return (
    <Later>
      <ArtifactList job={job} />
    </Later>
  )
}

/** What has to be fetched first holds up nothing around it. */
function Later({ children }: { children: ReactNode }) {
  return <Suspense fallback={null}>{children}</Suspense>
}

/** Of a job that is over: all results, and where its time and hardware went. */
function Ended({ job, feed }: { job: Job; feed: JobFeed }) {
  return (
    <Suspense fallback={null}>
      <Results job={job} feed={feed} />
      <PerformancePanel job={job} />
    </Suspense>
  )
}

function Charts({ job, feed, isWaiting }: { job: Job; feed: JobFeed; isWaiting: boolean }) {
  const view = useChartView()
  const groups = useKeyGroups(feed, job, view.x)
  const latest = useLatest(feed)
  if (!groups || !latest) return null
  if (groups.length === 0 && isWaiting) return null
  const pictures = pickPictures(listResourcePictures(latest))
  const hosts = new Set(job.hardware.map(({ host }) => host)).size
  // The cursor and what is shown of the axis are those of the metrics beside them.
  const hasSteps = groups.some(({ x }) => x === 'step')
  const shown = pinnedFirst(combineGroups(groups, view), view.pinned).slice(0, metricChartsMax)
  return (
    <>
      {groups.length === 0 ? <NoMetrics job={job} /> : null}
      <div className="grid gap-3 md:grid-cols-2">
        {job.branches.length > 1 ? (
          <Later>
            <BranchCharts job={job} feed={feed} groups={shown} view={view} />
          </Later>
        ) : (
          shown.map((group) => <MetricChart key={group.title} group={group} feed={feed} view={view} />)
        )}
        {pictures.map((picture) => (
          <ResourceChart
            key={picture.title}
            picture={picture}
            feed={feed}
            view={view}
            hosts={hosts}
            plain={hasSteps ? 'step' : 'relative'}
          />
        ))}
      </div>
    </>
  )
}

function pinnedFirst(groups: readonly KeyGroup[], pinned: readonly string[]): KeyGroup[] {
  return groups.toSorted((one, other) => +pinned.includes(other.title) - +pinned.includes(one.title))
}

/** GPU use and memory where there are GPUs, else CPU and memory. */
function pickPictures(all: ReturnType<typeof listResourcePictures>) {
  return all.filter(({ title }) => /^(GPU utilisation|GPU memory|CPU|Memory)$/.test(title)).slice(0, resourceChartsMax)
}
