/**
 * What a change of a parameter did to a metric. Pure; `docs/impact.md` says how it is reckoned, what it takes for granted,
 * and how often it is wrong.
 */
import type { Impact, ImpactDifference } from '@pilothouse/contract'
import type { MetricGoal } from '../performance/list-results.ts'
import { studentQuantile, studentTail } from '../statistics/student-t.ts'
import { type Windows, chooseWindows, pointsAfterMin, pointsBeforeMin } from './choose-windows.ts'
import { describeImpact } from './describe-impact.ts'
import { type Forecast, countEnd, forecastCurve } from './forecast-curve.ts'
import { type Bins, binPoints, cleanPoints } from './prepare-points.ts'

/** Share of changes without any effect in which one is seen. */
const alarmRate = 0.05
/** Bins of the window before a change; with fewer points each is its own. */
const binsBefore = 56
const pointsUnbinned = 64
/** Below this share of the largest value everything is rounding. */
const rounding = 1e-12
const decimalsMax = 8

export type ImpactInput = {
  key: string
  /** Points from before and after the change, in the order in which they were reported. */
  steps: ArrayLike<number>
  values: ArrayLike<number>
  /** First step that ran with the new value. */
  changeStep: number
  goal: MetricGoal
  /** Steps of other changes of any parameter: windows do not run over them. */
  otherChanges?: readonly number[]
  /** Lengths in steps; absent: as long as there is enough to tell from. */
  windows?: { before?: number | undefined; after?: number | undefined }
}

/** Pure. Any numbers may come in; what cannot be said is said so. */
export function measureImpact(input: ImpactInput): Impact {
  const { key, changeStep, goal, otherChanges = [], windows: wanted = {} } = input
  const series = cleanPoints(input.steps, input.values)
  const windows = chooseWindows(series, { changeStep, otherChanges, windows: wanted })
  const { before, after, end } = windows
  const nonFinite = {
    before: series.nonFiniteSteps.filter((step) => step >= (before.steps[0] ?? changeStep) && step < changeStep).length,
    after: series.nonFiniteSteps.filter((step) => step >= changeStep && step < end).length,
  }
  const empty: Omit<Impact, 'words'> = {
    key,
    changeStep,
    goal,
    before: describeWindow(before.steps, changeStep),
    after: describeWindow(after.steps, changeStep),
    remarks: [...windows.remarks, ...describeNonFinite(nonFinite)],
    nonFinite,
    form: null,
    actual: { steps: [], values: [] },
    forecast: { steps: [], values: [], lower: [], upper: [] },
    effect: null,
    verdict: 'none',
  }
  const absence = findAbsence(windows, nonFinite)
  const impact = absence
    ? { ...empty, verdict: absence }
    : { ...empty, ...compareWithForecast(windows, changeStep, goal) }
  return { ...impact, words: describeImpact(impact, windows) }
}

/** Why there is no forecast. Values that became NaN or infinite need none. */
function findAbsence(
  { before, after, isCutByNext }: Windows,
  nonFinite: Impact['nonFinite'],
): Impact['verdict'] | null {
  const isBroken = nonFinite.after >= pointsAfterMin && nonFinite.after >= after.steps.length
  if (isBroken && nonFinite.before * 10 <= before.steps.length) return 'worse'
  if (before.steps.length < pointsBeforeMin) return 'tooShort'
  if (after.steps.length < pointsAfterMin) return isCutByNext ? 'tooShort' : 'tooEarly'
  return null
}

type Compared = Pick<Impact, 'form' | 'actual' | 'forecast' | 'effect' | 'verdict'>

function compareWithForecast(windows: Windows, changeStep: number, goal: MetricGoal): Compared {
  const { before, after } = layBins(windows, changeStep)
  const countBefore = before.values.length
  const steps = [...before.steps, ...after.steps]
  const { scaled, toValue, scale } = scaleValues([...before.values, ...after.values], countBefore)
  const forecast = forecastCurve(steps, scaled, countBefore)
  const floor = Math.max(rounding, findResolution([...windows.before.values, ...windows.after.values]) / scale)
  // Two differences are looked at, and either may raise an alarm (Bonferroni).
  const quantile = studentQuantile(alarmRate / 2, forecast.freedom)
  const ahead = after.values.length
  const misses = forecast.values.map((value, at) => (scaled[countBefore + at] ?? 0) - value)
  const measure = (from: number, deviation: number): Measured => {
    const expected = toValue(meanOf(forecast.values.slice(from)))
    const spread = Math.max(deviation, floor / quantile)
    return measureDifference(meanOf(misses.slice(from)), {
      spread,
      quantile,
      expected,
      scale,
      freedom: forecast.freedom,
    })
  }
  const mean = measure(0, forecast.meanDeviation)
  const end = measure(ahead - countEnd(ahead), forecast.endDeviation)
  const earlier = Array.from(scaled.slice(0, countBefore))
  const range = scale * (Math.max(...earlier) - Math.min(...earlier))
  return {
    form: forecast.form,
    actual: { steps, values: [...before.values, ...after.values] },
    forecast: drawForecast(forecast, after.steps, {
      toValue,
      quantile: studentQuantile(alarmRate, forecast.freedom),
      floor,
    }),
    effect: {
      mean: mean.difference,
      end: end.difference,
      integrated: mean.difference.absolute * windows.afterSpan,
      p: Math.min(1, 2 * Math.min(mean.p, end.p)),
    },
    verdict: judge(mean, end, { goal, range }),
  }
}

/** Equal stretches of steps on both sides, or single points where there are few. */
function layBins({ before, after, afterSpan }: Windows, changeStep: number): { before: Bins; after: Bins } {
  if (before.steps.length <= pointsUnbinned && after.steps.length * 2 <= before.steps.length) return { before, after }
  const beforeSpan = changeStep - (before.steps[0] ?? changeStep)
  const count = Math.min(binsBefore, before.steps.length)
  const width = afterSpan / Math.max(pointsAfterMin, Math.round((afterSpan * count) / beforeSpan))
  const whole = Math.floor(beforeSpan / width) * width
  const kept = before.steps.findIndex((step) => step >= changeStep - whole)
  const cut = { steps: before.steps.slice(kept), values: before.values.slice(kept) }
  return { before: binPoints(cut, changeStep, width), after: binPoints(after, changeStep, width) }
}

/** Around the middle of what came before and at most about 1 large, so that squares of huge and of tiny values exist. */
function scaleValues(
  values: readonly number[],
  countBefore: number,
): { scaled: Float64Array; toValue: (value: number) => number; scale: number } {
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1
  const shift = meanOf(values.slice(0, countBefore).map((value) => value / scale))
  return {
    scaled: Float64Array.from(values, (value) => value / scale - shift),
    toValue: (value) => (value + shift) * scale,
    scale,
  }
}

type Measured = { difference: ImpactDifference; p: number; isClear: boolean; half: number }
type Measuring = { spread: number; quantile: number; expected: number; scale: number; freedom: number }

function measureDifference(miss: number, { spread, quantile, expected, scale, freedom }: Measuring): Measured {
  const absolute = miss * scale
  const half = spread * quantile * scale
  const isNothing = Math.abs(expected) <= rounding * scale
  return {
    difference: {
      expected,
      actual: expected + absolute,
      absolute,
      lower: absolute - half,
      upper: absolute + half,
      relative: isNothing ? null : absolute / Math.abs(expected),
    },
    p: studentTail(miss / spread, freedom),
    isClear: Math.abs(absolute) > half * (1 + rounding),
    half,
  }
}

function judge(mean: Measured, end: Measured, { goal, range }: { goal: MetricGoal; range: number }): Impact['verdict'] {
  if (!mean.isClear && !end.isClear) return mean.half > range && range > 0 ? 'tooNoisy' : 'none'
  if (goal === null) return 'changed'
  // Where both are clear, what it has come to counts.
  const { absolute } = (end.isClear ? end : mean).difference
  return absolute > 0 === (goal === 'higher') ? 'better' : 'worse'
}

type Drawing = { toValue: (value: number) => number; quantile: number; floor: number }

function drawForecast(
  { values, deviations }: Forecast,
  steps: readonly number[],
  { toValue, quantile, floor }: Drawing,
): Impact['forecast'] {
  const halves = deviations.map((deviation) => Math.max(deviation * quantile, floor))
  return {
    steps: [...steps],
    values: values.map(toValue),
    lower: values.map((value, at) => toValue(value - (halves[at] ?? 0))),
    upper: values.map((value, at) => toValue(value + (halves[at] ?? 0))),
  }
}

/**
 * Unit of the last decimal place that the values are written to, as of an accuracy rounded to 0.01; 0 where they have
 * more than eight. A difference of one such unit may be rounding alone.
 */
function findResolution(values: readonly number[]): number {
  for (let decimals = 0; decimals <= decimalsMax; decimals += 1) {
    const unit = 10 ** decimals
    if (values.every((value) => isWhole(value * unit))) return 1 / unit
  }
  return 0
}

/** To nine digits: what is left is how a decimal number lies in a binary one. */
function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) <= 1e-9 * Math.abs(value)
}

function describeNonFinite({ before, after }: Impact['nonFinite']): string[] {
  if (before + after === 0) return []
  return [`Values that are NaN or infinite do not count: ${before} before the change, ${after} after it.`]
}

function describeWindow(steps: readonly number[], changeStep: number): Impact['before'] {
  return { from: steps[0] ?? changeStep, to: steps.at(-1) ?? changeStep, points: steps.length }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0)
}
