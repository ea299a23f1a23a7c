import type { BrushScale } from './brush-scale.ts'
import type { SeriesBuffer } from './series-buffer.ts'

/** The strip is 1000 wide and 100 high, whatever its size; lines keep away from its edges. */
const width = 1_000
const [top, bottom] = [8, 92]
/** Of many lines only the first are drawn: they only help to find a place again. */
const linesMax = 8
/** So many in a thousand values at either end do not decide the height. */
const outliers = 20

/** Lines of a strip as paths; together they are as high as the strip. */
export function traceLines(
  buffers: readonly SeriesBuffer[],
  scale: BrushScale,
  placeOf: (buffer: SeriesBuffer, at: number) => number,
): { path: string; hue: number }[] {
  const shown = buffers.slice(0, linesMax)
  const values = shown.flatMap(({ value, size }) => [...value.subarray(0, size)].filter(Number.isFinite))
  const sorted = Float64Array.from(values).sort()
  const cut = Math.floor((sorted.length * outliers) / 1_000)
  const [low = 0, high = 1] = [sorted[cut], sorted[sorted.length - 1 - cut]]
  const toY = (value: number): number => {
    const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5
    return bottom - share * (bottom - top)
  }
  return shown.map((buffer, at) => ({ path: tracePath(buffer, scale, toY), hue: placeOf(buffer, at) % 8 }))
}

/** Values that are no numbers leave a gap. */
function tracePath({ x, value, size }: SeriesBuffer, scale: BrushScale, toY: (value: number) => number): string {
  let path = ''
  let isDown = false
  for (let at = 0; at < size; at += 1) {
    const y = value[at] ?? Number.NaN
    const place = scale.toPlace(x[at] ?? Number.NaN)
    if (!Number.isFinite(y) || !(place >= 0)) {
      isDown = false
      continue
    }
    path += `${isDown ? 'L' : 'M'}${(place * width).toFixed(1)} ${toY(y).toFixed(1)}`
    isDown = true
  }
  return path
}
