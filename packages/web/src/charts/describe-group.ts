/** What the chart of a group of metrics is about: its series, their names and their styles. */
import { jobSource } from '@pilothouse/contract/wire'
import type { ChartSubject } from './chart-frame.ts'
import { readKey, type KeyGroup, type KeyRole } from './group-keys.ts'
import type { Overlay } from './overlay.ts'
import { dashes, styleOfPlace, styleOfRank, type LineStyle } from './palette.ts'
import type { SeriesBuffer } from './series-buffer.ts'
import { nameSource, type SourceMode } from './source-mode.ts'

/** Where `overlay` has several jobs, each has the hue of its place. */
export function describeGroup(group: KeyGroup, mode: SourceMode, overlay: Overlay | undefined): ChartSubject {
  const { title, members, added = [], right = [] } = group
  const styles = listStyles(group)
  const isSeveral = members.length + added.length > 1
  const findJob = (buffer: SeriesBuffer) => (overlay && overlay.members.length > 1 ? overlay.find(buffer) : undefined)
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
      return [...front, nameMember(buffer.key, group)].join(' ') + side
    },
    // A validation value is a mean over a whole set already.
    smoothFrom: ({ key }) => (readKey(key).role === 'train' ? 40 : 400),
    styleOf: (buffer, rank) => {
      if (mode === 'all') return styleOfRank(rank)
      const place = findJob(buffer)?.place
      if (place === undefined) return styles.get(buffer.key) ?? { hue: 0, dash: dashes.solid }
      return added.includes(buffer.key)
        ? { hue: place % 8, dash: dashes.second }
        : styleOfPlace(place, readKey(buffer.key).role)
    },
  }
}

/** Whose line it is, where that is not the job itself. */
function nameFrom({ source, isMean }: SeriesBuffer, mode: SourceMode): string | undefined {
  if (mode === 'mean') return isMean ? `mean of ${source}` : undefined
  return mode === jobSource ? undefined : nameSource(source)
}

/** The hue is the job's own; two keys of one role in one chart are told apart by the next hue. */
function listStyles({ members, added = [] }: KeyGroup): Map<string, LineStyle> {
  const alike = new Map<KeyRole, number>()
  const styles = new Map<string, LineStyle>()
  for (const { key, role } of [...members, ...added.map((one) => ({ key: one, role: 'train' as const }))]) {
    const hue = alike.get(role) ?? 0
    alike.set(role, hue + 1)
    styles.set(key, { hue: hue % 8, dash: role === 'train' ? dashes.solid : dashes[role] })
  }
  return styles
}

function nameMember(key: string, { title, members, added = [] }: KeyGroup): string {
  if (added.includes(key)) return key
  if (members.length > 1 && key === title) return 'train'
  const { base, role } = readKey(key)
  return base === title && base !== key ? (key.startsWith('final') ? 'final' : role) : key
}
