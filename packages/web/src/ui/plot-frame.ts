/** Where the points of a small picture stand, in percent of its width and height, y downwards. Pure. */

export type PlotFrame = {
  xMin: number
  xMax: number
  yMin: number
  yMax: number
  /** Orders of magnitude are equally far apart; only where all values are above 0. */
  isLog: boolean
}

/** Room above and below the curves, as a share of what they span. */
const roomShare = 0.06

/** A frame in which all points lie; one of no points, or of one value, has room all the same. */
export function framePlot(xs: readonly number[], ys: readonly number[], wantsLog = false): PlotFrame {
  const [xMin, xMax] = spread(findExtent(xs), 0)
  const [low, high] = findExtent(ys)
  const isLog = wantsLog && low > 0
  if (!isLog) {
    const [yMin, yMax] = spread([low, high], roomShare)
    return { xMin, xMax, yMin, yMax, isLog }
  }
  const [from, to] = spread([Math.log10(low), Math.log10(high)], roomShare)
  return { xMin, xMax, yMin: 10 ** from, yMax: 10 ** to, isLog }
}

export function placeX({ xMin, xMax }: PlotFrame, x: number): number {
  return round(((x - xMin) / (xMax - xMin)) * 100)
}

export function placeY({ yMin, yMax, isLog }: PlotFrame, y: number): number {
  const share = isLog ? Math.log(y / yMin) / Math.log(yMax / yMin) : (y - yMin) / (yMax - yMin)
  return round((1 - share) * 100)
}

/** Path of an SVG through the points; what is not finite is a gap. */
export function tracePath(frame: PlotFrame, xs: readonly number[], ys: readonly number[]): string {
  let isOpen = false
  return xs
    .map((x, at) => {
      const y = ys[at] ?? Number.NaN
      if (!Number.isFinite(y) || (frame.isLog && y <= 0)) {
        isOpen = false
        return ''
      }
      const move = isOpen ? 'L' : 'M'
      isOpen = true
      return `${move}${placeX(frame, x)} ${placeY(frame, y)}`
    })
    .join('')
}

/** Outline of what lies between two curves. */
export function traceBand(
  frame: PlotFrame,
  { xs, lower, upper }: { xs: readonly number[]; lower: readonly number[]; upper: readonly number[] },
): string {
  const there = tracePath(frame, xs, upper)
  const back = tracePath(frame, xs.toReversed(), lower.toReversed())
  return there === '' || back === '' ? '' : `${there}L${back.slice(1)}Z`
}

/** Round values of the y axis, at most about five; of a logarithmic one powers of ten, where there are two of them. */
export function listTicks({ yMin, yMax, isLog }: PlotFrame): number[] {
  if (isLog) {
    const first = Math.ceil(Math.log10(yMin) - 1e-9)
    const count = Math.floor(Math.log10(yMax) + 1e-9) - first + 1
    const every = Math.max(1, Math.ceil(count / 5))
    if (count >= 2)
      return Array.from({ length: Math.ceil(count / every) }, (_, at) => Number(`1e${first + at * every}`))
  }
  const rough = (yMax - yMin) / 5
  const size = 10 ** Math.floor(Math.log10(rough))
  const apart = [1, 2, 2.5, 5, 10].map((times) => times * size).find((one) => one >= rough) ?? rough
  const first = Math.ceil(yMin / apart)
  const count = Math.floor(yMax / apart + 1e-9) - first + 1
  return Array.from({ length: Math.max(0, count) }, (_, at) => Number(((first + at) * apart).toPrecision(12)))
}

function findExtent(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low > high ? [0, 1] : [low, high]
}

function spread([low, high]: readonly [number, number], share: number): [number, number] {
  if (low === high) return [low - (Math.abs(low) * 0.05 || 0.5), high + (Math.abs(high) * 0.05 || 0.5)]
  const room = (high - low) * share
  return [low - room, high + room]
}

function round(percent: number): number {
  return Math.round(percent * 100) / 100
}
