import { useMemo } from 'react'
import type { Job } from '@pilothouse/contract'
import type { KeyGroup } from '../charts/group-keys.ts'
import type { JobFeed } from '../charts/job-feed.ts'
import { ChartControls } from './chart-controls.tsx'
import { ChartGrid } from './chart-grid.tsx'
import { NoMetrics } from './no-metrics.tsx'
import { useChartView } from './use-chart-view.ts'
import { useKeyGroups } from './use-latest.ts'

/** Every metric of the job, the most looked-for first. Charts out of sight fetch and draw nothing. */
export function MetricsTab({ job, feed }: { job: Job; feed: JobFeed }) {
  const view = useChartView()
  const groups = useKeyGroups(feed, job, view.x)
  const shown = useMemo(() => groups && findGroups(groups, view.keys), [groups, view.keys])
  if (!groups || !shown) return null
  return (
    <div className="flex flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4">
      {groups.length === 0 ? <NoMetrics job={job} /> : <ChartControls view={view} job={job} />}
      {groups.length > 0 && shown.length === 0 ? (
        <p className="py-6 text-muted">No metric has «{view.keys}» in its name.</p>
      ) : null}
      <ChartGrid groups={shown} feed={feed} view={view} />
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
