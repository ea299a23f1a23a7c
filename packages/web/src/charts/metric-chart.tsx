import { jobSource } from '@pilothouse/contract/wire'
import { Overlay } from './overlay.ts'
import { styleMembers, styleOfPlace, styleOfRank, readKey, type KeyGroup, nameAxis } from '@pilothouse/signals'
import type { ChartFeed } from './chart-data.ts'
import { TimeChart } from './time-chart.tsx'
import type { ChartSubject } from './chart-frame.ts'
import type { ChartView } from './chart-view.ts'

export type MetricChartProps = { group: KeyGroup; feed: ChartFeed | Overlay; view: ChartView; jobs?: number }

/**
 * One group of metrics: training and validation in one hue, the latter dashed. Where `feed` is an overlay of `jobs` jobs,
 * each has the hue of its place.
 */
export function MetricChart({ group, feed, view, jobs = 1 }: MetricChartProps) {
  const x = view.x ?? group.x
  return (
    <TimeChart
      feed={feed}
      title={group.title}
      subject={describeGroup(group, feed instanceof Overlay ? feed : undefined)}
      isCrowded={jobs > 1}
      x={x}
      note={view.x === undefined ? describeAxis(group) : undefined}
      smoothing={view.smoothing}
      {...view.zoomOf(x)}
      emptyCode={`job.log({"${group.members[0]?.key ?? group.title}": value}, step=step)`}
      {...view.of(group.title)}
    />
  )
}

/** Where the script chose the axis, the chart says which one, and by what. */
function describeAxis({ x, pattern }: KeyGroup): { text: string; why: string } | undefined {
  if (pattern === undefined) return undefined
  const name = nameAxis(x)
  return { text: `over ${name}`, why: `The script defines ${pattern} over ${name} (define_metric)` }
}

function describeGroup(group: KeyGroup, overlay: Overlay | undefined): ChartSubject {
  const { title, members } = group
  const styles = styleMembers(group)
  return {
    title,
    keys: members.map(({ key }) => key),
    source: jobSource,
    unit: 'value',
    nameOf: (buffer) => {
      const name = styles.get(buffer.key)?.name ?? buffer.key
      const job = overlay && overlay.members.length > 1 ? overlay.find(buffer)?.name : undefined
      return job === undefined ? name : members.length > 1 ? `${job} ${name}` : job
    },
    // A validation value is a mean over a whole set already.
    smoothFrom: ({ key }) => (readKey(key).role === 'train' ? 40 : 400),
    styleOf: (buffer) => {
      const own = styles.get(buffer.key)?.style ?? styleOfRank(0)
      const place = overlay && overlay.members.length > 1 ? overlay.find(buffer)?.place : undefined
      return place === undefined ? own : styleOfPlace(place, readKey(buffer.key).role)
    },
  }
}
