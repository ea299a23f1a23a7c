/** Curves as braille: two dots across and four down in each cell. */

const blank = 0x28_00
/** Bits of the dots of a cell, by column and row. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const
const levels = '▁▂▃▄▅▆▇█'

export type ChartBox = { cols: number; rows: number }
export type Extent = { min: number; max: number }

/** Rows of braille, the top one first. Points that are no numbers leave a gap. Times decide where a point stands. */
export function drawCurve(
  times: readonly number[],
  values: readonly number[],
  box: ChartBox,
  extent: Extent,
): string[] {
  const cells = Array.from({ length: box.rows }, () => new Uint8Array(box.cols))
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0]
  const width = box.cols * 2 - 1
  const height = box.rows * 4 - 1
  let before: Dot | null = null
  for (const [at, value] of values.entries()) {
    const dot: Dot | null = Number.isFinite(value)
      ? {
          x: Math.round(takeShare(times[at] ?? first, first, last) * width),
          y: Math.round((1 - takeShare(value, extent.min, extent.max)) * height),
        }
      : null
    if (dot !== null) drawStroke(cells, before ?? dot, dot)
    before = dot
  }
  return cells.map((row) => String.fromCharCode(...Array.from(row, (bits) => blank + bits)))
}

/** Blocks of eight heights, one for each of the last `cols` values, or of their means where there are more. */
export function drawSparkline(values: readonly number[], cols: number, extent: Extent): string {
  const step = Math.max(1, values.length / cols)
  const count = Math.min(cols, values.length)
  let line = ''
  for (let at = 0; at < count; at += 1) {
    const part = values.slice(Math.floor(at * step), Math.max(Math.floor(at * step) + 1, Math.floor((at + 1) * step)))
    const known = part.filter(Number.isFinite)
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length
    line += known.length === 0 ? ' ' : (levels[Math.round(takeShare(mean, extent.min, extent.max) * 7)] ?? ' ')
  }
  return line
}

/** Least and greatest of the numbers among the values; a flat curve stands in the middle. */
export function findExtent(values: readonly number[]): Extent {
  const known = values.filter(Number.isFinite)
  if (known.length === 0) return { min: 0, max: 1 }
  const [min, max] = [Math.min(...known), Math.max(...known)]
  return min < max ? { min, max } : { min: min - 1, max: max + 1 }
}

type Dot = { x: number; y: number }

function drawStroke(cells: readonly Uint8Array[], from: Dot, to: Dot): void {
  const steps = Math.max(1, Math.abs(to.x - from.x), Math.abs(to.y - from.y))
  for (let step = 0; step <= steps; step += 1) {
    const x = Math.round(from.x + ((to.x - from.x) * step) / steps)
    const y = Math.round(from.y + ((to.y - from.y) * step) / steps)
    const row = cells[Math.floor(y / 4)]
    const column = Math.floor(x / 2)
    if (row === undefined || column >= row.length) continue
    row[column] = (row[column] ?? 0) | (dots[x % 2 === 0 ? 0 : 1][y % 4] ?? 0)
  }
}

function takeShare(value: number, min: number, max: number): number {
  return max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0
}
