/** The store as simply as it can be said: every point in a list. What the tests compare with. */
import { Grid } from './buckets.ts'
import type { SeriesBlock, SeriesQuery } from './types.ts'

export type NaivePoint = { step: number; time: number; epoch: number; value: number }
export type NaiveBucket = {
  x: number
  xLast: number
  first: number
  last: number
  min: number
  max: number
  mean: number
  n: number
  nonFinite: number
}

export class NaiveStore {
  /** By group, branch, source and key. */
  readonly series = new Map<string, NaivePoint[]>()

  append(blocks: readonly SeriesBlock[]): void {
    for (const block of blocks) {
      block.keys.forEach((key, column) => {
        const points = this.find(block.group, block.branch, block.source, key)
        for (let row = 0; row < block.steps.length; row += 1) {
          points.push({
            step: block.steps[row] ?? 0,
            time: block.times[row] ?? 0,
            epoch: block.epochs?.[row] ?? Number.NaN,
            value: block.values[column]?.[row] ?? 0,
          })
        }
      })
    }
  }

  find(group: number, branch: number, source: string, key: string): NaivePoint[] {
    const name = JSON.stringify([group, branch, source, key])
    const points = this.series.get(name) ?? []
    this.series.set(name, points)
    return points
  }

  delete(group: number): void {
    for (const name of this.series.keys()) if (name.startsWith(`[${group},`)) this.series.delete(name)
  }
}

/** The points that count, in order of x, equal x by arrival. */
export function sortInRange(points: readonly NaivePoint[], { x, from, to }: Pick<SeriesQuery, 'x' | 'from' | 'to'>) {
  return points
    .map((point) => ({ x: point[x], value: point.value }))
    .filter((point) => Number.isFinite(point.x) && point.x >= (from ?? -Infinity) && point.x <= (to ?? Infinity))
    .toSorted((one, other) => one.x - other.x)
}

/** Each point in the part of the grid where its x lies; `sorted` comes from `sortInRange`. */
export function bucketExactly(sorted: readonly { x: number; value: number }[], points: number): NaiveBucket[] {
  if (sorted.length <= points) return sorted.map((point) => summarise([point]))
  const grid = new Grid(sorted[0]?.x ?? 0, sorted.at(-1)?.x ?? 0, points)
  const groups = Map.groupBy(sorted, (point) => grid.find(point.x))
  return [...groups.values()].map(summarise)
}

export function summarise(points: readonly { x: number; value: number }[]): NaiveBucket {
  const finite = points.map(({ value }) => value).filter(Number.isFinite)
  const first = points[0]
  const last = points.at(-1)
  const none = finite.length === 0
  return {
    x: first?.x ?? Number.NaN,
    xLast: last?.x ?? Number.NaN,
    first: first?.value ?? Number.NaN,
    last: last?.value ?? Number.NaN,
    min: none ? Number.NaN : Math.min(...finite),
    max: none ? Number.NaN : Math.max(...finite),
    mean: none ? Number.NaN : finite.reduce((sum, value) => sum + value, 0) / finite.length,
    n: points.length,
    nonFinite: points.length - finite.length,
  }
}

/** The moving average behind each of `points`, over all of them; NaN before the first finite one. */
export function smoothExactly(points: readonly { value: number }[], weight: number): number[] {
  let sum = 0
  let mass = 0
  return points.map(({ value }) => {
    if (Number.isFinite(value)) {
      sum = sum * weight + value * (1 - weight)
      mass = mass * weight + (1 - weight)
    }
    return mass > 0 ? sum / mass : Number.NaN
  })
}
