/** Where the axes of parallel coordinates stand, and how their ranges read. */
import type { ConfigValue } from '@pilothouse/contract'
import { formatValue } from '@pilothouse/signals'
import type { Brush } from './parallel-axes.ts'
import type { PlotScale } from './plot-scale.ts'

export type PlotAxis = { name: string; values: readonly (ConfigValue | undefined)[] }
/** An axis as it stands: from 0 at its foot to 1 at its head. */
export type StandingAxis = PlotAxis & { scale: PlotScale; isFlipped: boolean; x: number }

export const plotSize = { width: 1_000, height: 250, top: 12, bottom: 14, side: 70 }

export function placeAxis(at: number, count: number): number {
  return plotSize.side + (count > 1 ? at / (count - 1) : 0.5) * (plotSize.width - 2 * plotSize.side)
}

/** Where a place on the axis lies in the picture. */
export function heightOf({ isFlipped }: Pick<StandingAxis, 'isFlipped'>, place: number): number {
  const share = isFlipped ? 1 - place : place
  return plotSize.height - plotSize.bottom - share * (plotSize.height - plotSize.top - plotSize.bottom)
}

export function describeBrush({ scale, values }: PlotAxis & { scale: PlotScale }, [from, to]: Brush): string {
  const known = values.filter((value) => value !== undefined && value !== null)
  if (known.every((value) => typeof value === 'number'))
    return `${formatValue(Number(from.toPrecision(3)))} … ${formatValue(Number(to.toPrecision(3)))}`
  const words = [...new Set(known.map(String))].sort()
  const inside = words.filter((word) => {
    const at = scale.place(word) ?? -1
    return at >= from && at <= to
  })
  return inside.length === 0 ? 'none' : inside.join(' or ')
}

export function shorten(text: string): string {
  return text.length > 18 ? `…${text.slice(-17)}` : text
}
