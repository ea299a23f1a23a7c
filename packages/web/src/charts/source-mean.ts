/** The series of several sources as one: their mean, with the range between the lowest and the highest of them. */
import { SeriesBuffer, type Entry } from './series-buffer.ts'

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
  const entries = Array.from({ length: longest.size }, (_, place): Entry => {
    const x = longest.x[place] ?? 0
    const near = group.flatMap((buffer, source) => {
      const at = buffer.nearest(x)
      return at >= 0 && Math.abs((buffer.x[at] ?? 0) - x) <= (reach[source] ?? 0) ? [{ buffer, at }] : []
    })
    const take = (name: keyof Entry): number[] =>
      near.map(({ buffer, at }) => buffer[name][at] ?? Number.NaN).filter(Number.isFinite)
    const [low, high] = [take('min'), take('max')]
    return {
      x,
      xLast: longest.xLast[place] ?? x,
      value: meanOf(take('value')),
      min: low.length > 0 ? Math.min(...low) : Number.NaN,
      max: high.length > 0 ? Math.max(...high) : Number.NaN,
      bad: take('bad').some((count) => count > 0) ? 1 : 0,
      smoothed: meanOf(take('smoothed')),
    }
  })
  const mean = new SeriesBuffer(longest.key, `${group.length} sources`, longest.member)
  mean.fill(entries, { total: longest.total, isSmoothed: group.every((one) => one.isSmoothed) })
  return mean
}

function spacingOf({ x, size }: SeriesBuffer): number {
  return size > 1 ? ((x[size - 1] ?? 0) - (x[0] ?? 0)) / (size - 1) : 0
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length
}
