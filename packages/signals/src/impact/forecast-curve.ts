/**
 * What a curve was to be expected to do after a change, told from before it alone, and how wrong such forecasts go.
 *
 * Forks are placed into the time before the change, and each form forecasts from there as far ahead as the real window is
 * long. The forms are then mixed by how small their misses were (the inverse of the mean square, squared), and the misses
 * of the mixture are what the real forecast may be wrong by. Few forks that do not overlap fit into a window, and the forms
 * were chosen by the same misses, so the spread is never less than what the noise around the curve says (as if it were
 * AR(1)), nor than what a curve that wanders would do.
 */
import { type Fit, type TrendModel, fitModel, leverageOf, listModels, missOf } from './trend-models.ts'

/** Share of the bins before the change that a forecast is at least told from. */
const shareMin = 0.25
const binsMin = 4
/** Power of the mean square by which forms are mixed. */
const mixing = 2
/** A curve counts as wandering by the upper limit of its correlation, so many standard errors up; its variance is then so many times the estimate. */
const wanderErrors = 2
const wanderFactor = 1.5

export type Forecast = {
  form: TrendModel['form']
  /** Expected at each bin after the change, and the standard deviation of what may come instead. */
  values: number[]
  deviations: number[]
  /** Standard deviation of the mean over the whole window and over its last third. */
  meanDeviation: number
  endDeviation: number
  /** Degrees of freedom that these deviations have. */
  freedom: number
}

/** The last third of `ahead` bins. */
export function countEnd(ahead: number): number {
  return Math.max(1, Math.round(ahead / 3))
}

/** From bins of which the first `countBefore` come before the change; of the others only the steps are looked at. */
export function forecastCurve(steps: readonly number[], values: Float64Array, countBefore: number): Forecast {
  const ahead = steps.length - countBefore
  const models = listModels(steps, countBefore)
  const first = Math.max(binsMin, Math.min(Math.round(countBefore * shareMin), countBefore - ahead))
  const forks = Array.from({ length: Math.max(1, countBefore - ahead - first + 1) }, (_, at) => first + at)
  const misses = models.map((model) => forks.map((fork) => missAhead(model, values, fork, ahead)))
  const weights = weighModels(misses, ahead)
  const mixed = forks.map((_, at) =>
    mix(
      weights,
      misses.map((rows) => rows[at] ?? []),
      ahead,
    ),
  )
  const fits = models.map((model) => fitModel(model, values, countBefore))
  const noise = measureNoise({ models, fits, weights, values, countBefore })
  const end = countEnd(ahead)
  const deviationOf = (from: number, to: number): number => {
    const [start, stop] = [countBefore + from, countBefore + to]
    const leverage = models.reduce(
      (sum, model, at) => sum + (weights[at] ?? 0) * leverageOf(pick(fits, at), model.basis, start, stop),
      0,
    )
    const missed = Math.sqrt(meanOf(mixed.map((rows) => meanOf(rows.slice(from, to)) ** 2)))
    const count = to - from
    const chance = Math.sqrt(noise.variance * (Math.min(noise.factor, count) / count + noise.factor * leverage))
    return Math.max(missed, chance, Math.sqrt(noise.wander * wanderAhead(noise.phi, from, to)))
  }
  const heaviest = weights.indexOf(Math.max(...weights))
  return {
    form: models[heaviest]?.form ?? 'level',
    values: Array.from({ length: ahead }, (_, at) =>
      models.reduce((sum, { basis }, model) => {
        const { a, b } = pick(fits, model)
        return sum + (weights[model] ?? 0) * (a + b * (basis[countBefore + at] ?? 0))
      }, 0),
    ),
    deviations: Array.from({ length: ahead }, (_, at) => deviationOf(at, at + 1)),
    meanDeviation: deviationOf(0, ahead),
    endDeviation: deviationOf(ahead - end, ahead),
    // Forks that do not overlap, and the noise beside them, which is known from many more bins.
    freedom: 2 * ((forks.length - 1) / ahead + 1),
  }
}

/** What came less what was forecast, at each bin after a fork. */
function missAhead(model: TrendModel, values: Float64Array, fork: number, ahead: number): number[] {
  const fit = fitModel(model, values, fork)
  return Array.from({ length: ahead }, (_, at) => missOf(fit, model.basis, values, fork + at))
}

function weighModels(misses: readonly number[][][], ahead: number): number[] {
  const end = countEnd(ahead)
  const squares = misses.map((forks) => meanOf(forks.map((rows) => meanOf(rows) ** 2 + meanOf(rows.slice(-end)) ** 2)))
  const best = Math.min(...squares)
  // Relative to the best, so that neither nothing nor a huge number comes out; a perfect one takes all.
  const shares = squares.map((square) => (square === best ? 1 : (best / square) ** mixing))
  const total = shares.reduce((sum, share) => sum + share, 0)
  return shares.map((share) => share / total)
}

function mix(weights: readonly number[], rows: readonly number[][], ahead: number): number[] {
  return Array.from({ length: ahead }, (_, at) =>
    rows.reduce((sum, row, model) => sum + (weights[model] ?? 0) * (row[at] ?? 0), 0),
  )
}

type Noise = {
  /** Variance of a bin around the curve. */
  variance: number
  /** By how much the variance of a long mean is larger than without correlation: (1 + φ) / (1 − φ). */
  factor: number
  /** Of what wanders: the variance of its innovations and its correlation from bin to bin; 0 where nothing does. */
  wander: number
  phi: number
}

type Fitted = {
  models: readonly TrendModel[]
  fits: readonly Fit[]
  weights: readonly number[]
  values: Float64Array
  countBefore: number
}

function measureNoise(fitted: Fitted): Noise {
  const { models, fits, weights, values, countBefore } = fitted
  const heaviest = weights.indexOf(Math.max(...weights))
  const fit = pick(fits, heaviest)
  const near = Array.from({ length: fit.count }, (_, row) =>
    missOf(fit, models[heaviest]?.basis ?? [], values, fit.from + row),
  )
  const phi = Math.min(0.95, Math.max(0, correct(covary(near, 1) / covary(near, 0) || 0, near.length)))
  const variance = (covary(near, 0) * near.length) / Math.max(1, near.length - 2)
  const whole = weights.reduce(
    (best, weight, at) => (models[at]?.share === 1 && (best < 0 || weight > (weights[best] ?? 0)) ? at : best),
    -1,
  )
  const misses = Array.from({ length: countBefore }, (_, bin) =>
    missOf(pick(fits, whole), models[whole]?.basis ?? [], values, bin),
  )
  return { variance, factor: (1 + phi) / (1 - phi), ...measureWander(misses) }
}

/**
 * AR(1) under white noise: the covariances at lags 1, 2, 3 stand to each other as 1, φ, φ², whatever the white noise is
 * (Walker 1960). Where φ may well be near 1, forecasts from trends alone would be too sure of themselves.
 */
function measureWander(misses: readonly number[]): Pick<Noise, 'wander' | 'phi'> {
  const count = misses.length
  const [all, one, two, three] = [covary(misses, 0), covary(misses, 1), covary(misses, 2), covary(misses, 3)]
  const isCorrelated = one > 0 && one > (2 / Math.sqrt(count)) * all
  if (!isCorrelated) return { wander: 0, phi: 0 }
  const plain = correct((two + three) / (one + two) || 0, count)
  const phi = Math.min(1, plain + wanderErrors * Math.sqrt(Math.max(0, 1 - plain * plain) / count))
  if (phi <= 0.5) return { wander: 0, phi: 0 }
  return { wander: (wanderFactor * Math.max(0, 2 * (one - two))) / phi, phi }
}

/** Variance of the mean over bins `from` … `to` after a known state, in units of that of an innovation. */
function wanderAhead(phi: number, from: number, to: number): number {
  let total = 0
  for (let born = 0; born < to && phi > 0; born += 1) {
    let weight = 0
    for (let at = Math.max(born, from); at < to; at += 1) weight += phi ** (at - born) / (to - from)
    total += weight * weight
  }
  return total
}

/** A correlation estimated from few is too small by (1 + 3φ) / n (Kendall 1954). */
function correct(phi: number, count: number): number {
  return phi + (1 + 3 * phi) / count
}

function covary(values: readonly number[], lag: number): number {
  let sum = 0
  for (let at = lag; at < values.length; at += 1) sum += (values[at] ?? 0) * (values[at - lag] ?? 0)
  return sum / values.length
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const noFit: Fit = { a: 0, b: 0, from: 0, count: 1, mean: 0, spread: 0 }

function pick(fits: readonly Fit[], at: number): Fit {
  return fits[at] ?? noFit
}
