/**
 * What is unusual of a job, told from its points as they come: (state, points) → state, and what began or is over. Pure; the
 * state is plain JSON of bounded size, and a point costs a bounded time. Points in other portions come to the same.
 */
import type { AnomalyKind } from '@pilothouse/contract'
import { anomalyKinds, jobSource } from '@pilothouse/contract/wire'
import { matchesPattern } from '../alert/match-rule.ts'
import { metricDirection } from '../metric-direction.ts'
import type { Anomaly, Finding } from './anomaly.ts'
import { type IdleWatch, findIdle, noIdle, openIdle } from './find-idle.ts'
import { type StallWatch, excuseStall, findStall, foldStep, noStall } from './find-stall.ts'
import { type ThrottlingWatch, findThrottling, noThrottling, openThrottling } from './find-throttling.ts'
import { type CurveWatch, copyCurve, foldCurve, newCurve } from './watch-curve.ts'

export type AnomalyWatch = {
  /** By source and key. */
  readonly curves: Readonly<Record<string, CurveWatch>>
  /** By source. */
  readonly gpus: Readonly<Record<string, { idle: IdleWatch; throttling: ThrottlingWatch }>>
  readonly stall: StallWatch
}

export const quietAnomalies: AnomalyWatch = { curves: {}, gpus: {}, stall: noStall }

/**
 * A watch for a job of which some anomalies are known to be open, after all else was forgotten: those that end by themselves
 * are told when they do. Of a plateau and a divergence nobody knows any more what they are measured by.
 */
export function resumeAnomalies(open: readonly Pick<Anomaly, 'kind' | 'source' | 'key'>[]): AnomalyWatch {
  const curves: Record<string, CurveWatch> = {}
  const gpus: Record<string, { idle: IdleWatch; throttling: ThrottlingWatch }> = {}
  let stall = noStall
  for (const { kind, source, key } of open) {
    if (kind === 'stall') stall = { ...noStall, isOpen: true }
    if (kind === 'spike') curves[`${source}|${key}`] = { ...newCurve, spike: { ...newCurve.spike, isOpen: true } }
    const gpu = gpus[source] ?? { idle: noIdle, throttling: noThrottling }
    if (kind === 'idle') gpus[source] = { ...gpu, idle: openIdle }
    if (kind === 'throttling') gpus[source] = { ...gpu, throttling: openThrottling }
  }
  return { curves, gpus, stall }
}

/** Points of one source: a column for each key. Times in ms. */
export type AnomalyPoints = {
  source: string
  keys: readonly string[]
  steps: ArrayLike<number>
  times: ArrayLike<number>
  values: readonly ArrayLike<number>[]
}

export type WatchedAnomalies = {
  kinds: readonly AnomalyKind[]
  /** Curves of which less (more, by their name) is better; `*` for any text. */
  key: string
  source: string
}

export const allAnomalies: WatchedAnomalies = { kinds: anomalyKinds, key: '*loss*', source: jobSource }

/** More series of one job are not looked at. */
const curvesMax = 32
const gpusMax = 256

/** Takes points of a job into its watch, in their order. */
export function watchAnomalies(
  watch: AnomalyWatch,
  points: AnomalyPoints,
  watched: WatchedAnomalies = allAnomalies,
): { state: AnomalyWatch; anomalies: Anomaly[] } {
  const anomalies: Anomaly[] = []
  const looks = { watch, points, watched, anomalies }
  const state = { curves: watchCurves(looks), gpus: watchGpu(looks), stall: watchSteps(looks) }
  return { state, anomalies: anomalies.filter(({ kind }) => watched.kinds.includes(kind)) }
}

/** The job is alive at `now` and sends no points; `excused` where it stands still on purpose. */
export function watchStall(
  watch: AnomalyWatch,
  { now, excused }: { now: number; excused: boolean },
): { state: AnomalyWatch; anomalies: Anomaly[] } {
  const stall = { ...watch.stall }
  if (excused) excuseStall(stall, now)
  const found = excused ? null : findStall(stall, now)
  const about = { source: '', key: '', at: now, step: stall.step, value: null }
  return { state: { ...watch, stall }, anomalies: found ? [{ ...found, ...about }] : [] }
}

type Looks = { watch: AnomalyWatch; points: AnomalyPoints; watched: WatchedAnomalies; anomalies: Anomaly[] }

function watchCurves({ watch, points, watched, anomalies }: Looks): AnomalyWatch['curves'] {
  const { source, keys, values } = points
  if (!hasAny(watched, ['spike', 'plateau', 'divergence']) || !matchesPattern(watched.source, source))
    return watch.curves
  const curves = { ...watch.curves }
  for (const [column, key] of keys.entries()) {
    const sign = signOf(key)
    if (!matchesPattern(watched.key, key)) continue
    const name = `${source}|${key}`
    const known = Object.hasOwn(curves, name) ? curves[name] : undefined
    if (!known && Object.keys(curves).length >= curvesMax) continue
    const curve = copyCurve(known ?? newCurve)
    curves[name] = curve
    const own = values[column] ?? []
    for (let row = 0; row < own.length; row += 1) {
      const value = own[row] ?? Number.NaN
      for (const finding of foldCurve(curve, { value, sign }))
        anomalies.push(tell(finding, points, { key, row, value }))
    }
  }
  return curves
}

function watchGpu({ watch, points, watched, anomalies }: Looks): AnomalyWatch['gpus'] {
  const { source, keys, times, values } = points
  if (!source.startsWith('gpu:') || !hasAny(watched, ['idle', 'throttling'])) return watch.gpus
  const known = Object.hasOwn(watch.gpus, source) ? watch.gpus[source] : undefined
  if (!known && Object.keys(watch.gpus).length >= gpusMax) return watch.gpus
  const gpu = { idle: { ...(known?.idle ?? noIdle) }, throttling: { ...(known?.throttling ?? noThrottling) } }
  const columns = ['gpu.utilization', 'gpu.temperature', 'gpu.power'].map((key) => values[keys.indexOf(key)])
  for (let row = 0; row < times.length; row += 1) {
    const timeMs = times[row] ?? 0
    const [use = Number.NaN, temperature = Number.NaN, power = Number.NaN] = columns.map((column) => column?.[row])
    const idle = findIdle(gpu.idle, use, timeMs)
    if (idle) anomalies.push(tell(idle, points, { key: 'gpu.utilization', row, value: use }))
    const slow = findThrottling(gpu.throttling, { temperature, use, power, timeMs })
    if (slow) anomalies.push(tell(slow, points, { key: 'gpu.temperature', row, value: temperature }))
  }
  return { ...watch.gpus, [source]: gpu }
}

function watchSteps({ watch, points, watched, anomalies }: Looks): StallWatch {
  if (!watched.kinds.includes('stall')) return watch.stall
  const stall = { ...watch.stall }
  const isOwn = points.source === jobSource
  for (let row = 0; row < points.times.length; row += 1) {
    const timeMs = points.times[row] ?? 0
    const step = points.steps[row] ?? 0
    const found = isOwn ? foldStep(stall, step, timeMs) : findStall(stall, timeMs)
    if (found) anomalies.push({ ...found, source: '', key: '', at: timeMs, step: stall.step, value: null })
  }
  return stall
}

type Place = { key: string; row: number; value: number }

function tell(finding: Finding, { source, steps, times }: AnomalyPoints, { key, row, value }: Place): Anomaly {
  return { ...finding, source, key, at: times[row] ?? 0, step: steps[row] ?? null, value }
}

/** Curves of which more is better are looked at upside down. */
function signOf(key: string): 1 | -1 {
  return metricDirection(key) === 'higher' ? -1 : 1
}

function hasAny({ kinds }: WatchedAnomalies, wanted: readonly AnomalyKind[]): boolean {
  return wanted.some((kind) => kinds.includes(kind))
}
