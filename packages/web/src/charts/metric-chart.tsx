import { lazy, Suspense, useState } from 'react'
import { jobSource } from '@pilothouse/contract/wire'
import { Overlay } from './overlay.ts'
import { dashes, styleOfPlace, type LineStyle } from './palette.ts'
import { readKey, type KeyGroup, type KeyRole } from './group-keys.ts'
import { nameAxis } from './chart-scale.ts'
import type { ChartFeed } from './chart-data.ts'
import { TimeChart } from './time-chart.tsx'
import type { ChartSubject } from './chart-frame.ts'
import type { ChartView } from './chart-view.ts'

export type MetricChartProps = {
  group: KeyGroup
  feed: ChartFeed | Overlay
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
  const { onJoin, onRight, ...settings } = view.of(group.title)
  const x = view.x ?? group.x
  return (
    <>
      <TimeChart
        feed={feed}
        title={group.title}
        subject={describeGroup(group, feed instanceof Overlay ? feed : undefined)}
        isCrowded={isCrowded({ group, jobs })}
        x={x}
        note={view.x === undefined ? describeAxis(group) : undefined}
        smoothing={view.smoothing}
        clip={view.clip}
        logX={view.logX}
        {...view.zoomOf(x)}
        emptyCode={`job.log({"${group.members[0]?.key ?? group.title}": value}, step=step)`}
        {...settings}
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

/** The names of its lines need a line of their own. */
export function isCrowded({ group, jobs = 1 }: Pick<MetricChartProps, 'group' | 'jobs'>): boolean {
  return jobs > 1 || (group.added?.length ?? 0) > 0
}

/** Where the script chose the axis, the chart says which one, and by what. */
function describeAxis({ x, pattern }: KeyGroup): { text: string; why: string } | undefined {
  if (pattern === undefined) return undefined
  const name = nameAxis(x)
  return { text: `over ${name}`, why: `The script defines ${pattern} over ${name} (define_metric)` }
}

function describeGroup(
  { title, members, added = [], right = [] }: KeyGroup,
  overlay: Overlay | undefined,
): ChartSubject {
  const alike = new Map<KeyRole, number>()
  const styles = new Map<string, LineStyle>()
  for (const { key, role } of [...members, ...added.map((one) => ({ key: one, role: 'train' as const }))]) {
    // The hue is the job's own; two keys of one role in one chart are told apart by the next hue.
    const hue = alike.get(role) ?? 0
    alike.set(role, hue + 1)
    styles.set(key, { hue: hue % 8, dash: role === 'train' ? dashes.solid : dashes[role] })
  }
  return {
    title,
    keys: [...members.map(({ key }) => key), ...added],
    right,
    source: jobSource,
    unit: 'value',
    nameOf: (buffer) => {
      const name = added.includes(buffer.key)
        ? buffer.key
        : members.length > 1 && buffer.key === title
          ? 'train'
          : shortName(buffer.key, title)
      const job = overlay && overlay.members.length > 1 ? overlay.find(buffer)?.name : undefined
      return job === undefined ? name : members.length + added.length > 1 ? `${job} ${name}` : job
    },
    // A validation value is a mean over a whole set already.
    smoothFrom: ({ key }) => (readKey(key).role === 'train' ? 40 : 400),
    styleOf: (buffer) => {
      const own = styles.get(buffer.key) ?? { hue: 0, dash: dashes.solid }
      const place = overlay && overlay.members.length > 1 ? overlay.find(buffer)?.place : undefined
      if (place === undefined) return own
      return added.includes(buffer.key)
        ? { hue: place % 8, dash: dashes.second }
        : styleOfPlace(place, readKey(buffer.key).role)
    },
  }
}

function shortName(key: string, title: string): string {
  const { base, role } = readKey(key)
  return base === title && base !== key ? (key.startsWith('final') ? 'final' : role) : key
}
