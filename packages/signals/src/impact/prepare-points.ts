/** Points as they were reported become points that can be reckoned with, and these become bins. */

/** Finite values at rising steps. */
export type CleanPoints = { steps: number[]; values: number[] }
export type CleanSeries = CleanPoints & {
  /** Steps of values that are NaN or infinite. */
  nonFiniteSteps: number[]
}

/** Parts of a stretch of steps: where the middle of each lies and the trimmed mean of its values. */
export type Bins = { steps: number[]; values: number[] }

/** Share of the values of a bin that is left out at either end: a spike does not move it. */
const trimmed = 0.2

/**
 * Sorted by step; of several values at one step the last that was reported counts, as after a rollback. Points without a
 * finite step are left out.
 */
export function cleanPoints(steps: ArrayLike<number>, values: ArrayLike<number>): CleanSeries {
  const newest = new Map<number, number>()
  for (let row = 0; row < steps.length; row += 1) {
    const step = steps[row] ?? Number.NaN
    if (Number.isFinite(step)) newest.set(step, values[row] ?? Number.NaN)
  }
  const sorted = [...newest].sort(([one], [other]) => one - other)
  const finite = sorted.filter(([, value]) => Number.isFinite(value))
  return {
    steps: finite.map(([step]) => step),
    values: finite.map(([, value]) => value),
    nonFiniteSteps: sorted.filter(([, value]) => !Number.isFinite(value)).map(([step]) => step),
  }
}

/** The points of steps `from` ≤ step < `to`. */
export function cutPoints({ steps, values }: CleanPoints, from: number, to: number): CleanPoints {
  const first = findFrom(steps, from)
  const end = findFrom(steps, to)
  return { steps: steps.slice(first, end), values: values.slice(first, end) }
}

/** Bins of `width` steps that begin or end at `origin`. Where nothing was reported there is none. */
export function binPoints({ steps, values }: CleanPoints, origin: number, width: number): Bins {
  const parts = new Map<number, { steps: number[]; values: number[] }>()
  steps.forEach((step, row) => {
    const at = Math.floor((step - origin) / width)
    const part = parts.get(at) ?? { steps: [], values: [] }
    part.steps.push(step)
    part.values.push(values[row] ?? 0)
    parts.set(at, part)
  })
  return {
    steps: [...parts.values()].map((part) => part.steps.reduce((sum, step) => sum + step / part.steps.length, 0)),
    values: [...parts.values()].map((part) => trimmedMean(part.values)),
  }
}

/** The median; NaN of nothing. */
export function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const half = sorted.length / 2
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2
}

function trimmedMean(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const cut = Math.floor(sorted.length * trimmed)
  const kept = sorted.subarray(cut, sorted.length - cut)
  return kept.reduce((sum, value) => sum + value / kept.length, 0)
}

function findFrom(steps: readonly number[], step: number): number {
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((steps[middle] ?? 0) < step) low = middle + 1
    else high = middle
  }
  return low
}
