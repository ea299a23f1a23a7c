import { getRouteApi } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import type { KeyGroup } from '@pilothouse/signals'
import type { ChartView } from '../charts/chart-view.ts'
import type { JobFeed } from '../charts/job-feed.ts'
import { MetricChart } from '../charts/metric-chart.tsx'
import { useOverlay } from '../charts/use-overlay.ts'
import { listBehind } from './list-behind.ts'
import { useOverlayJobs } from './use-overlay-jobs.ts'

const route = getRouteApi('/frame/job/$uid')

type ChartsProps = { job: Job; feed: JobFeed; groups: readonly KeyGroup[]; view: ChartView }

/** Charts of a job that went back: what it did before lies faintly behind what it does now. */
export function BranchCharts({ job, feed, groups, view }: ChartsProps) {
  const search = route.useSearch()
  const jobs = useOverlayJobs([], job, { feed, behind: listBehind(job, search) })
  const overlay = useOverlay(jobs, false)
  return groups.map((group) => (
    <MetricChart key={group.title} group={group} feed={overlay} jobs={jobs.length} view={view} />
  ))
}
