/** The series of several sources as one: their mean, with the range between the lowest and the highest of them. */
import { SeriesBuffer } from './series-buffer.ts'

/** One series for each metric of each job; those that come from one source stay as they are. */
export function averageSources(buffers: readonly SeriesBuffer[]): SeriesBuffer[] {
  const groups = Map.groupBy(buffers, ({ member, key }) => `${member}\n${key}`)
  return [...groups.values()].map((group) => (group.length === 1 && group[0] ? group[0] : average(group)))
}

/**
 * At the places of the source that has most: of each other source the nearest entry counts, unless it is further away than
 * its entries usually are. So one that has ended, or not begun, pulls at nothing.
 */
function average(group: readonly SeriesBuffer[]): SeriesBuffer {
  const longest = group.reduce((best, one) => (one.size > best.size ? one : best))
  const reach = group.map((one) => Math.max(spacingOf(one), spacingOf(longest)))
  const columns = { x: [], xLast: [], mean: [], min: [], max: [], smoothed: [], bad: [] } as Record<string, number[]>
  for (let place = 0; place < longest.size; place += 1) {
    const x = longest.x[place] ?? 0
    const entries = group.flatMap((buffer, source) => {
      const at = buffer.nearest(x)
      return at >= 0 && Math.abs((buffer.x[at] ?? 0) - x) <= (reach[source] ?? 0) ? [{ buffer, at }] : []
    })
    const take = (name: 'value' | 'min' | 'max' | 'smoothed' | 'bad'): number[] =>
      entries.map(({ buffer, at }) => buffer[name][at] ?? Number.NaN).filter(Number.isFinite)
    const values = take('value')
    columns['x']?.push(x)
    columns['xLast']?.push(longest.xLast[place] ?? x)
    columns['mean']?.push(meanOf(values))
    columns['min']?.push(values.length > 0 ? Math.min(...take('min')) : Number.NaN)
    columns['max']?.push(values.length > 0 ? Math.max(...take('max')) : Number.NaN)
    columns['smoothed']?.push(meanOf(take('smoothed')))
    columns['bad']?.push(take('bad').some((count) => count > 0) ? 1 : 0)
  }
  return fill(group, longest, columns)
}

function fill(group: readonly SeriesBuffer[], longest: SeriesBuffer, columns: Record<string, number[]>): SeriesBuffer {
  const { key, member, branch, size } = longest
  const buffer = new SeriesBuffer(key, `${group.length} sources`, member)
  const { x = [], xLast = [], mean = [], min = [], max = [], smoothed = [], bad = [] } = columns
  buffer.load({
    key,
    source: buffer.source,
    branch,
    total: longest.total,
    count: size,
    x,
    xLast: x,
    first: mean,
    last: mean,
    min,
    max,
    mean,
    n: x.map(() => 1),
    nonFinite: bad,
    ...(group.every((one) => one.isSmoothed) ? { smoothed, smoothing: { weight: 0.5, mass: 1 } } : {}),
  })
  buffer.xLast.set(xLast)
  return buffer
}

function spacingOf({ x, size }: SeriesBuffer): number {
  return size > 1 ? ((x[size - 1] ?? 0) - (x[0] ?? 0)) / (size - 1) : 0
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length
}
