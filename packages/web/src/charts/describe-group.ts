/** What the chart of a group of metrics is about: its series, their names and their styles. */
import { jobSource } from '@pilothouse/contract/wire'
import type { ChartSubject } from './chart-frame.ts'
import { dashes, readKey, styleMembers, styleOfPlace, styleOfRank, type KeyGroup } from '@pilothouse/signals'
import type { JobsFeed } from './overlay.ts'
import type { SeriesBuffer } from './series-buffer.ts'
import { nameSource, type SourceMode } from './source-mode.ts'

/** Where `overlay` has several jobs, each has the hue of its place. */
export function describeGroup(group: KeyGroup, mode: SourceMode, overlay: JobsFeed | undefined): ChartSubject {
  const { title, members, added = [], right = [] } = group
  const lines = styleMembers(group)
  const isSeveral = members.length + added.length > 1
  const findJob = (buffer: SeriesBuffer) => {
    const job = overlay?.find(buffer)
    return overlay?.isNamed || job?.isFaint ? job : undefined
  }
  return {
    title,
    keys: [...members.map(({ key }) => key), ...added],
    right,
    source: mode === 'all' || mode === 'mean' ? '*' : mode,
    isMean: mode === 'mean',
    unit: 'value',
    nameOf: (buffer) => {
      const job = findJob(buffer)?.name
      const from = nameFrom(buffer, mode)
      const front = [job, from].filter((part) => part !== undefined)
      const side = right.includes(buffer.key) ? ' (right)' : ''
      if (front.length > 0 && !isSeveral) return front.join(' ') + side
      return [...front, lines.get(buffer.key)?.name ?? buffer.key].join(' ') + side
    },
    smoothFrom: ({ key }) => smoothFrom(key),
    styleOf: (buffer, rank) => {
      if (mode === 'all') return { ...styleOfRank(rank), isFaint: findJob(buffer)?.isFaint ?? false }
      const { place, isFaint = false } = findJob(buffer) ?? {}
      const own = lines.get(buffer.key)?.style ?? { hue: 0, dash: dashes.solid }
      if (place === undefined) return own
      if (isFaint) return { ...own, dash: own.dash.length > 0 ? own.dash : dashes.second, isFaint }
      return added.includes(buffer.key)
        ? { hue: place % 8, dash: dashes.second }
        : styleOfPlace(place, readKey(buffer.key).role)
    },
  }
}

/** Points from which on a line is smoothed. A validation value is a mean over a whole set already. */
export function smoothFrom(key: string): number {
  return readKey(key).role === 'train' ? 40 : 400
}

/** Whose line it is, where that is not the job itself. */
function nameFrom({ source, isMean }: SeriesBuffer, mode: SourceMode): string | undefined {
  if (mode === 'mean') return isMean ? `mean of ${source}` : undefined
  return mode === jobSource ? undefined : nameSource(source)
}
