/** Whether a training has become unstable, told from its loss or its gradient norm. Robust: single spikes are ordinary. */
import { formatCount, formatValue } from '../format.ts'

/** Newest values that are judged, and how many before them they are judged by at least and at most. */
const newest = 20
const beforeMin = 40
const beforeMax = 400
/** So many standard deviations above the middle a value is a spike; so many spikes among the newest are no accident. */
const spikeDeviations = 8
const spikesMin = 3
/** The newest have risen when their middle lies so far above the lowest stretch of as many: in deviations, and by share. */
const riseDeviations = 3
const riseShare = 0.05

export type WatchedCurve = {
  key: string
  steps: ArrayLike<number>
  values: ArrayLike<number>
}

export type Instability = {
  kind: 'nonFinite' | 'rising' | 'spikes'
  /** Step from which on it shows. */
  fromStep: number
  words: string
}

/** Pure. What is wrong with a curve of which less is better at its end; null where nothing is, or too little is known. */
export function findInstability({ key, steps, values }: WatchedCurve): Instability | null {
  const rows = Array.from({ length: Math.min(steps.length, values.length) }, (_, row) => ({
    step: steps[row] ?? 0,
    value: values[row] ?? Number.NaN,
  }))
  const last = rows.at(-1)
  if (last && !Number.isFinite(last.value)) {
    const since = rows.findLast(({ value }) => Number.isFinite(value))
    const first = rows.find(({ step }) => since === undefined || step > since.step) ?? last
    return {
      kind: 'nonFinite',
      fromStep: first.step,
      words: `${key} is ${formatValue(last.value)} since step ${formatCount(first.step)}`,
    }
  }
  const known = rows.filter(({ value }) => Number.isFinite(value))
  const recent = known.slice(-newest)
  const before = known.slice(0, -newest).slice(-beforeMax)
  if (before.length < beforeMin) return null
  return findRise(key, before, recent) ?? findSpikes(key, before, recent)
}

type Row = { step: number; value: number }

function findRise(key: string, before: readonly Row[], recent: readonly Row[]): Instability | null {
  const middle = middleOf(recent)
  const stretches = Array.from({ length: Math.floor(before.length / newest) }, (_, at) =>
    before.slice(before.length - (at + 1) * newest, before.length - at * newest),
  )
  const middles = stretches.map(middleOf)
  const low = Math.min(...middles)
  const lowest = stretches[middles.indexOf(low)]
  if (!lowest) return null
  const isRisen = middle - low > riseDeviations * deviationOf(lowest) && middle - low > riseShare * Math.abs(low)
  if (!isRisen) return null
  // The newest stretch that was still as low as that, but for a quarter of the rise.
  const calm = stretches[middles.findIndex((one) => one - low <= (middle - low) / 4)] ?? lowest
  const fromStep = calm.at(-1)?.step ?? 0
  return {
    kind: 'rising',
    fromStep,
    words: `${key} rises: from ${formatValue(round(low))} until step ${formatCount(fromStep)} to ${formatValue(round(middle))} now`,
  }
}

function findSpikes(key: string, before: readonly Row[], recent: readonly Row[]): Instability | null {
  const bound = middleOf(before) + spikeDeviations * deviationOf(before)
  const spikes = recent.filter(({ value }) => value > bound)
  const [first] = spikes
  if (!first || spikes.length < spikesMin) return null
  const highest = spikes.reduce((most, { value }) => Math.max(most, value), -Infinity)
  return {
    kind: 'spikes',
    fromStep: first.step,
    words: `${key} spikes: ${spikes.length} of the last ${recent.length} values, up to ${formatValue(round(highest))} where ${formatValue(round(middleOf(before)))} is usual`,
  }
}

function middleOf(rows: readonly Row[]): number {
  return findMiddle(rows.map(({ value }) => value))
}

/** The median absolute deviation, as a standard deviation; never nothing, so that rounding is no spike. */
function deviationOf(rows: readonly Row[]): number {
  const middle = middleOf(rows)
  return Math.max(1.4826 * findMiddle(rows.map(({ value }) => Math.abs(value - middle))), 1e-9 * Math.abs(middle))
}

function findMiddle(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}
