import type { Job } from '@pilothouse/contract'
import type { JobFeed } from '../charts/job-feed.ts'
import { ChartControls } from './chart-controls.tsx'
import { MetricChart } from './metric-chart.tsx'
import { NoMetrics } from './no-metrics.tsx'
import { useChartView } from './use-chart-view.ts'
import { useKeyGroups } from './use-latest.ts'

/** Every metric of the job, the most looked-for first. Charts out of sight fetch and draw nothing. */
export function MetricsTab({ job, feed }: { job: Job; feed: JobFeed }) {
  const view = useChartView()
  const groups = useKeyGroups(feed)
  if (!groups) return null
  const words = view.keys.toLowerCase().split(/\s+/)
  const shown = groups.filter(({ members }) =>
    members.some(({ key }) => words.every((word) => key.toLowerCase().includes(word))),
  )
  return (
    <div className="flex flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4">
      {groups.length === 0 ? <NoMetrics job={job} /> : <ChartControls view={view} />}
      {groups.length > 0 && shown.length === 0 ? (
        <p className="py-6 text-muted">No metric has «{view.keys}» in its name.</p>
      ) : null}
      <div className="grid gap-3 md:grid-cols-2 min-[1700px]:grid-cols-3">
        {shown.map((group) => (
          <MetricChart key={group.title} group={group} feed={feed} view={view} />
        ))}
      </div>
    </div>
  )
}
