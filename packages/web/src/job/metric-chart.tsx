import { jobSource } from '@pilothouse/contract/wire'
import { dashes, type LineStyle } from '../charts/palette.ts'
import { readKey, type KeyGroup, type KeyRole } from '../charts/group-keys.ts'
import { nameAxis } from '../charts/chart-scale.ts'
import type { JobFeed } from '../charts/job-feed.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import type { ChartSubject } from '../charts/chart-frame.ts'
import type { ChartView } from './use-chart-view.ts'

/** One group of metrics: training and validation in one hue, the latter dashed. */
export function MetricChart({ group, feed, view }: { group: KeyGroup; feed: JobFeed; view: ChartView }) {
  const x = view.x ?? group.x
  return (
    <TimeChart
      feed={feed}
      title={group.title}
      subject={describeGroup(group)}
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

function describeGroup({ title, members }: KeyGroup): ChartSubject {
  const alike = new Map<KeyRole, number>()
  const styles = new Map<string, LineStyle>()
  for (const { key, role } of members) {
    // The hue is the job's own; two keys of one role in one chart are told apart by the next hue.
    const hue = alike.get(role) ?? 0
    alike.set(role, hue + 1)
    styles.set(key, { hue: hue % 8, dash: role === 'train' ? dashes.solid : dashes[role] })
  }
  return {
    title,
    keys: members.map(({ key }) => key),
    source: jobSource,
    unit: 'value',
    nameOf: ({ key }) => (members.length > 1 && key === title ? 'train' : shortName(key, title)),
    // A validation value is a mean over a whole set already.
    smoothFrom: ({ key }) => (readKey(key).role === 'train' ? 40 : 400),
    styleOf: ({ key }) => styles.get(key) ?? { hue: 0, dash: dashes.solid },
  }
}

function shortName(key: string, title: string): string {
  const { base, role } = readKey(key)
  return base === title && base !== key ? (key.startsWith('final') ? 'final' : role) : key
}
