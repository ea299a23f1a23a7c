import { useMemo, type ReactNode } from 'react'
import { ChartGrid } from './chart-grid.tsx'
import type { ChartView } from './chart-view.ts'
import type { KeyGroup } from '@pilothouse/signals'
import type { JobsFeed, Overlay } from './overlay.ts'
import { useOverlay, type OverlayJob } from './use-overlay.ts'

export type OverlayChartsProps = {
  /** One to fifty; the same array while nothing changes. `place` is a job's colour, on the whole page. */
  jobs: readonly OverlayJob[]
  /** A chart each, as `groupKeys(keys)` makes them; the same array while nothing changes. */
  groups: readonly KeyGroup[]
  /** From `makeChartView`, over the address of the page (chart-search.ts reads it). */
  view: ChartView
  paused?: boolean
  /** All metrics, that can be put onto charts of others. */
  keys?: readonly string[] | undefined
  /** Stands above the charts, over the same jobs. */
  head?: (overlay: Overlay) => ReactNode
  /** Makes other lines of those of the jobs; the same function while nothing changes. */
  combine?: ((overlay: Overlay) => JobsFeed) | undefined
}

/**
 * Charts of several jobs over one another, for any list of jobs. Each job is asked once for all charts in sight, follows
 * live while it runs, and has the colour of its place, validation dashed; with many jobs each has fewer points, so that
 * fifty cost about as much as ten.
 */
export function OverlayCharts({ jobs, groups, view, paused = false, keys, head, combine }: OverlayChartsProps) {
  const overlay = useOverlay(jobs, paused)
  const feed = useMemo(() => combine?.(overlay) ?? overlay, [combine, overlay])
  return (
    <>
      {head?.(overlay)}
      <ChartGrid groups={groups} feed={feed} jobs={jobs.length} view={view} {...(keys ? { keys } : {})} />
    </>
  )
}
