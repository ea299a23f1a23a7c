import { lazy, Suspense, useState } from 'react'
import type { JobsFeed } from './overlay.ts'
import { describeGroup } from './describe-group.ts'
import { chooseMode } from './source-mode.ts'
import { nameAxis, type KeyGroup } from '@pilothouse/signals'
import type { ChartFeed } from './chart-data.ts'
import { TimeChart } from './time-chart.tsx'
import type { ChartView } from './chart-view.ts'

export type MetricChartProps = {
  group: KeyGroup
  feed: ChartFeed | JobsFeed
  view: ChartView
  jobs?: number
  /** All metrics that can be put onto the chart; absent: none. */
  keys?: readonly string[]
}

/** Fetched when somebody chooses what lies on a chart. */
const ChartLines = lazy(async () => ({ default: (await import('./chart-lines.tsx')).ChartLines }))

/**
 * One group of metrics: training and validation in one hue, the latter dashed. Where `feed` is an overlay of `jobs` jobs,
 * each has the hue of its place.
 */
export function MetricChart({ group, feed, view, jobs = 1, keys }: MetricChartProps) {
  const [isChoosing, setChoosing] = useState(false)
  const { onJoin, onRight, source, onSource, onLogRight, ...settings } = view.of(group.title)
  const mode = chooseMode(group, source)
  const x = view.x ?? group.x
  return (
    <>
      <TimeChart
        feed={feed}
        title={group.title}
        subject={describeGroup(group, mode, isOverlay(feed) ? feed : undefined)}
        isCrowded={isCrowded({ group, view, jobs })}
        x={x}
        note={view.x === undefined ? describeAxis(group) : undefined}
        smoothing={view.smoothing}
        clip={view.clip}
        logX={view.logX}
        {...view.zoomOf(x)}
        emptyCode={`job.log({"${group.members[0]?.key ?? group.title}": value}, step=step)`}
        {...settings}
        onLogRight={(group.right?.length ?? 0) > 0 ? onLogRight : undefined}
        sources={group.sources && { all: group.sources, mode, onMode: onSource }}
        onLines={keys && (() => setChoosing(true))}
      />
      {isChoosing && keys ? (
        <Suspense fallback={null}>
          <ChartLines group={group} keys={keys} onJoin={onJoin} onRight={onRight} onClose={() => setChoosing(false)} />
        </Suspense>
      ) : null}
    </>
  )
}

/** Told by what it has: its class is fetched by those who lay jobs over one another. */
function isOverlay(feed: ChartFeed | JobsFeed): feed is JobsFeed {
  return 'members' in feed
}

/** The names of its lines need a line of their own. */
export function isCrowded({ group, view, jobs = 1 }: Pick<MetricChartProps, 'group' | 'view' | 'jobs'>): boolean {
  return jobs > 1 || (group.added?.length ?? 0) > 0 || chooseMode(group, view.of(group.title).source) === 'all'
}

/** Where the script chose the axis, the chart says which one, and by what. */
function describeAxis({ x, pattern }: KeyGroup): { text: string; why: string } | undefined {
  if (pattern === undefined) return undefined
  const name = nameAxis(x)
  return { text: `over ${name}`, why: `The script defines ${pattern} over ${name} (define_metric)` }
}
