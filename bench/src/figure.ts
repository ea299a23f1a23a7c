/** One measured number beside what was promised. */
export type Figure = {
  /** Row of the budgets, as `P1`. */
  id: string
  what: string
  value: number
  unit: string
  /** `≤ 250`, `≥ 3`, or null for a number that only informs. */
  budget: string | null
  ok: boolean
}

/** How a row is measured: `short` in under a minute; with `peers` beside what others offer, where it is installed. */
export type MeasureOptions = { short: boolean; peers: boolean }

type Measured = { id: string; what: string; value: number; unit: string }
type Promised = { atMost: number } | { atLeast: number } | { informs: true }

/** Puts a measured number beside its budget. */
export function makeFigure({ id, what, value, unit, ...promised }: Measured & Promised): Figure {
  const measured = { id, what, value, unit }
  if ('atMost' in promised) return { ...measured, budget: `≤ ${promised.atMost}`, ok: value <= promised.atMost }
  if ('atLeast' in promised) return { ...measured, budget: `≥ ${promised.atLeast}`, ok: value >= promised.atLeast }
  return { ...measured, budget: null, ok: true }
}

/** How many times worse than its budget a figure is; 1 and less is within it. */
export function measureExcess({ value, budget }: Figure): number {
  const [, sign, limit] = /^([≤≥]) ([\d.]+)$/.exec(budget ?? '') ?? []
  if (sign === undefined || limit === undefined) return 0
  return sign === '≤' ? value / Number(limit) : Number(limit) / value
}

/** The value below which the given share of the samples lies. */
export function takePercentile(samples: readonly number[], share: number): number {
  const sorted = Float64Array.from(samples).sort()
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  return sorted[at] ?? Number.NaN
}
