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
}: {
  picture: ResourcePicture
  feed: JobFeed
  view: ChartView
  hosts: number
}) {
  // Machines know nothing of steps: their axis is time.
  const x = view.x === 'wall' ? 'wall' : 'relative'
  const {
    onLog: _,
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
      {...view.zoomOf(x)}
      {...settings}
      log={false}
    />
  )
}

function describePicture({ title, source, keys, unit }: ResourcePicture, hosts: number): ChartSubject {
  return {
    title,
    keys,
    source,
    unit,
    nameOf: (buffer) => nameResource(buffer, hosts > 1),
    smoothFrom: () => Number.POSITIVE_INFINITY,
    styleOf: (_, rank) => styleOfRank(rank),
  }
}
