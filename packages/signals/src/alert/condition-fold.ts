/** What each kind of condition remembers of a series, and whether it holds at the next point. */
import type { AlertCondition } from '@pilothouse/contract'

export type SeriesCondition = Extract<AlertCondition, { kind: 'threshold' | 'change' | 'non-finite' | 'diverging' }>

/** Finite values in a row after which a series is well again. */
const wellAfter = 10
/** Parts of the window of a change: a value leaves it late by at most one part. */
const windowParts = 32
/** Weight of a new value in the smoothed one, and values before it says anything. */
const smoothing = 0.1
const warmUp = 20
/** So many values in a row beyond the bound are no outlier. */
const divergingAfter = 10

type WindowPart = { part: number; min: number; max: number }

/** Bounded: at most `windowParts` + 1 parts. */
export type ConditionFold = {
  /** Newest value of the key that a percentage is of. */
  base: number
  parts: WindowPart[]
  /** Finite values since the last that was not, or values beyond the bound in a row. */
  run: number
  /** Sum of the exponential moving average, before its bias is taken out, and how many values it has. */
  sum: number
  count: number
  /** Lowest smoothed value. */
  best: number
}

export const emptyFold: ConditionFold = { base: Number.NaN, parts: [], run: 0, sum: 0, count: 0, best: Infinity }

export type ConditionPoint = {
  value: number
  timeMs: number
  /** Of the key that a percentage is of; absent: the newest known. */
  base?: number | undefined
  /** An alert is open: what ends it may be another bound than what began it. */
  isRaised: boolean
}

/** Takes a point into `fold`, which is the caller's own. True or false; undefined when the point says nothing. */
export function foldCondition(
  fold: ConditionFold,
  condition: SeriesCondition,
  point: ConditionPoint,
): boolean | undefined {
  switch (condition.kind) {
    case 'threshold':
      return foldThreshold(fold, condition, point)
    case 'change':
      return foldChange(fold, condition, point)
    case 'non-finite':
      return foldNonFinite(fold, point)
    case 'diverging':
      return foldDiverging(fold, condition, point)
    default:
      return condition satisfies never
  }
}

/** The value that a threshold is compared with. */
export function readMeasure(fold: ConditionFold, condition: SeriesCondition, value: number): number {
  return condition.kind === 'threshold' && condition.of !== null ? (100 * value) / fold.base : value
}

function foldThreshold(
  fold: ConditionFold,
  condition: Extract<SeriesCondition, { kind: 'threshold' }>,
  { value, base, isRaised }: ConditionPoint,
): boolean | undefined {
  if (base !== undefined && base > 0) fold.base = base
  const measure = readMeasure(fold, condition, value)
  if (Number.isNaN(measure)) return undefined
  const bound = isRaised ? (condition.clearValue ?? condition.value) : condition.value
  return condition.is === 'above' ? measure > bound : measure < bound
}

function foldChange(
  fold: ConditionFold,
  { direction, amount, relative, windowMs }: Extract<SeriesCondition, { kind: 'change' }>,
  { value, timeMs }: ConditionPoint,
): boolean | undefined {
  if (!Number.isFinite(value)) return undefined
  const part = Math.floor((timeMs * windowParts) / windowMs)
  const newest = fold.parts.at(-1)
  if (newest && newest.part >= part) {
    newest.min = Math.min(newest.min, value)
    newest.max = Math.max(newest.max, value)
  } else fold.parts.push({ part, min: value, max: value })
  while ((fold.parts[0]?.part ?? part) < part - windowParts) fold.parts.shift()
  const from =
    direction === 'rise'
      ? fold.parts.reduce((least, one) => Math.min(least, one.min), value)
      : fold.parts.reduce((most, one) => Math.max(most, one.max), value)
  const change = Math.abs(value - from)
  return change > 0 && change >= (relative ? (Math.abs(from) * amount) / 100 : amount)
}

/** Ten finite values in a row end it: one good value among bad ones is no end. */
function foldNonFinite(fold: ConditionFold, { value, isRaised }: ConditionPoint): boolean {
  fold.run = Number.isFinite(value) ? Math.min(fold.run + 1, wellAfter) : 0
  return fold.run === 0 || (isRaised && fold.run < wellAfter)
}

/** By the smoothed value, with its bias taken out as in Adam: sum / (1 - (1 - smoothing)^count). */
function foldDiverging(
  fold: ConditionFold,
  { factor }: Extract<SeriesCondition, { kind: 'diverging' }>,
  { value, isRaised }: ConditionPoint,
): boolean | undefined {
  if (!Number.isFinite(value)) return undefined
  fold.sum += smoothing * (value - fold.sum)
  fold.count = Math.min(fold.count + 1, 1_000)
  const smoothed = fold.sum / (1 - (1 - smoothing) ** fold.count)
  if (fold.count >= warmUp) fold.best = Math.min(fold.best, smoothed)
  if (fold.best === Infinity) return false
  const excess = (factor - 1) * Math.abs(fold.best)
  // Half the way back to the best ends it.
  if (isRaised) return smoothed - fold.best > excess / 2
  // Of one outlier the smoothed value is high for long, while the values themselves are well again.
  fold.run = Math.min(smoothed, value) - fold.best > excess ? fold.run + 1 : 0
  return fold.run >= divergingAfter
}
