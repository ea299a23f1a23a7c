/** Order, direction and ranges of the axes of parallel coordinates, as an address has them. */
import type { ConfigValue } from '@pilothouse/contract'
import type { PlotScale } from './plot-scale.ts'

/** Part of an axis: from and to in the numbers of the axis, and for words in shares of its length. */
export type Brush = readonly [from: number, to: number]

/** `name:from,to` of each; the last one of a name counts, what cannot be read is left out. */
export function readBrushes(texts: readonly string[] = []): Map<string, Brush> {
  return new Map(
    texts.flatMap((text) => {
      // A name may have colons of its own.
      const end = text.lastIndexOf(':')
      const parts = text.slice(end + 1).split(',')
      const [from = Number.NaN, to = Number.NaN] = parts.map((part) => (part === '' ? Number.NaN : Number(part)))
      return end > 0 && parts.length === 2 && from <= to && Number.isFinite(to - from)
        ? [[text.slice(0, end), [from, to] as const] as const]
        : []
    }),
  )
}

/** With that of one axis put in, or taken out by null. Four digits tell jobs apart and keep an address short. */
export function writeBrush(texts: readonly string[] = [], name: string, brush: Brush | null): string[] {
  const others = [...readBrushes(texts)].filter(([one]) => one !== name)
  const all: [string, Brush][] = brush === null ? others : [...others, [name, brush]]
  return all.map(([one, [from, to]]) => `${one}:${round(from, Math.floor)},${round(to, Math.ceil)}`)
}

/** Outwards, so that what was inside stays inside. */
function round(value: number, way: (value: number) => number): number {
  // Beyond this no unit is left to round to.
  if (Math.abs(value) < 1e-300) return 0
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 3)
  return Number((way(Number((value / unit).toPrecision(12))) * unit).toPrecision(6))
}

/** Whether a job runs through all ranges; without a value on an axis that has one it does not. */
export function isInside(
  axes: readonly { name: string; scale: PlotScale; value: ConfigValue | undefined }[],
  brushes: ReadonlyMap<string, Brush>,
): boolean {
  return axes.every(({ name, scale, value }) => {
    const brush = brushes.get(name)
    if (!brush) return true
    const at = scale.coordinate(value)
    return at !== undefined && at >= brush[0] && at <= brush[1]
  })
}

/** Those of the address first, in its order, then the others in theirs. */
export function orderAxes<Axis extends { name: string }>(axes: readonly Axis[], order: readonly string[] = []): Axis[] {
  const rank = ({ name }: Axis): number => (order.includes(name) ? order.indexOf(name) : order.length)
  return axes.toSorted((a, b) => rank(a) - rank(b))
}

/** With one name at another place. */
export function moveName(names: readonly string[], name: string, to: number): string[] {
  const others = names.filter((one) => one !== name)
  const place = Math.max(0, Math.min(others.length, to))
  return [...others.slice(0, place), name, ...others.slice(place)]
}

/** Shares of an axis moved and stretched by keys, within it. */
export function nudge([low, high]: Brush, { by, grow }: { by: number; grow: number }): Brush {
  const half = Math.max(0.01, Math.min(0.5, (high - low) / 2 + grow))
  const middle = Math.max(half, Math.min(1 - half, (low + high) / 2 + by))
  return [middle - half, middle + half]
}
