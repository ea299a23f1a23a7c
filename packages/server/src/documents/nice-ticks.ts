/** Places for the labels of an axis. */

export type Range = readonly [number, number]

type Wish = {
  /** About so many; never more than one and a half times as many. */
  count: number
  /** Distances that the axis may have, ascending; without them 1, 2 and 5 times powers of ten. */
  steps?: readonly number[] | undefined
}

/** Round numbers within `range`, evenly spread. A range that cannot be divided has its two ends, or its only number. */
export function niceTicks([from, to]: Range, { count, steps }: Wish): number[] {
  if (!Number.isFinite(from) || !Number.isFinite(to)) return []
  if (to <= from) return [from]
  const least = to / count - from / count
  const step = steps?.find((one) => one >= least) ?? roundUp(least)
  const first = Math.ceil(from / step - slack)
  const last = Math.floor(to / step + slack)
  const divides = Number.isFinite(step) && from + step > from && to - step < to && Number.isSafeInteger(last)
  if (!divides || !Number.isSafeInteger(first) || last < first) return [from, to]
  return Array.from({ length: last - first + 1 }, (_, at) => round((first + at) * step, step))
}

/** So that 0.3 / 0.1 counts as 3. */
const slack = 1e-9

function roundUp(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5].find((one) => one * power >= least * (1 - slack)) ?? 10
  return factor * power
}

/** `0.30000000000000004` is 0.3 where the labels are a tenth apart. */
function round(value: number, step: number): number {
  const digits = Math.max(0, Math.min(100, 2 - Math.floor(Math.log10(step))))
  return value === 0 ? 0 : Number(value.toFixed(digits))
}
