export type Bar = { value: number; tone: 'good' | 'bad' | 'grey' | 'accent' }

/** Of the tallest bar. */
export const barHeight = 64

/** From below, in their order; what is more than nothing is at least a pixel high. Pure. */
export function stackBars(bars: readonly Bar[], most: number): { y: number; size: number; tone: Bar['tone'] }[] {
  let top = barHeight
  return bars.flatMap(({ value, tone }) => {
    if (value <= 0 || most <= 0) return []
    const size = Math.min(top, Math.max(1, (value / most) * (barHeight - 2)))
    top -= size
    return [{ y: top, size, tone }]
  })
}
