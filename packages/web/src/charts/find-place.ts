import type uPlot from 'uplot'
import type { XAxis } from '@pilothouse/contract'
import type { AnnotationPlace } from './annotations.ts'
import type { DrawnSeries } from './chart-painter.ts'

/** Where a cursor is, or was last: a place on the axis, and with a pointer its height in CSS pixels. */
export type Aim = { x: number; top: number | null }

/** The point that is aimed at, of several series the nearest one; without an aim the newest of the first series. */
export function findPlace(
  plot: uPlot,
  drawn: readonly Pick<DrawnSeries, 'buffer' | 'scale'>[],
  { aim, x: axis }: { aim: Aim | null; x: XAxis },
): AnnotationPlace | undefined {
  const points = drawn.flatMap(({ buffer, scale }) => {
    const at = aim === null ? buffer.size - 1 : buffer.nearest(aim.x)
    const [x, value] = [buffer.x[at], buffer.value[at]]
    return x === undefined || value === undefined || at < 0 ? [] : [{ buffer, scale, x, value }]
  })
  const distance = ({ x, value, scale }: { x: number; value: number; scale: string }): number => {
    const across = Math.abs(plot.valToPos(x, 'x') - plot.valToPos(aim?.x ?? x, 'x'))
    const along = aim?.top === null || aim === null ? 0 : Math.abs(plot.valToPos(value, scale) - aim.top)
    return across + (Number.isFinite(along) ? along : plot.over.clientHeight)
  }
  const [nearest] = points
    .map((point) => ({ ...point, distance: distance(point) }))
    .toSorted((one, other) => one.distance - other.distance)
  if (!nearest) return undefined
  const { key, source } = nearest.buffer
  return { key, source, x: axis, at: nearest.x, value: nearest.value }
}
