import type { XAxis } from '@pilothouse/contract'
import { keyOfAxis } from '@pilothouse/contract/wire'
import type { ChartSubject } from '../charts/chart-frame.ts'
import type { JobFeed } from '../charts/job-feed.ts'
import { nameResource, styleOfRank, type ResourcePicture } from '@pilothouse/signals'
import { TimeChart } from '../charts/time-chart.tsx'
import type { ChartView } from '../charts/chart-view.ts'

export function ResourceChart({
  picture,
  feed,
  view,
  hosts,
  plain = 'relative',
}: {
  picture: ResourcePicture
  feed: JobFeed
  view: ChartView
  hosts: number
  /** The axis while nobody has chosen one. */
  plain?: XAxis
}) {
  const x = chooseResourceAxis(view, plain)
  const {
    onLog: _,
    logRight: ________,
    onLogRight: _________,
    isPinned: __,
    onPin: ___,
    onJoin: ____,
    onRight: _____,
    source: ______,
    onSource: _______,
    ...settings
  } = view.of(picture.title)
  return (
    <TimeChart
      feed={feed}
      title={picture.title}
      subject={describePicture(picture, hosts)}
      x={x}
      smoothing={0}
      clip={false}
      logX={view.logX}
      {...view.zoomOf(x)}
      {...settings}
      log={false}
    />
  )
}

/** The values of another metric are known by step: what is measured of machines has no place among them. */
export function chooseResourceAxis({ x }: ChartView, plain: XAxis = 'relative'): XAxis {
  return x !== undefined && keyOfAxis(x) !== undefined ? 'relative' : (x ?? plain)
}

function describePicture({ title, source, keys, unit }: ResourcePicture, hosts: number): ChartSubject {
  return {
    title,
    keys,
    source,
    byTime: true,
    unit,
    nameOf: (buffer) => nameResource(buffer, hosts > 1),
    smoothFrom: () => Number.POSITIVE_INFINITY,
    styleOf: (_, rank) => styleOfRank(rank),
  }
}
