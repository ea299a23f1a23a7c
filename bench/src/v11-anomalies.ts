/**
 * V11: how often the detectors of anomalies are right. Invented series, of which it is known what is wrong with them, and losses
 * of real short trainings (bench/recorded/losses.jsonl, made by bench/python/record_losses.py). Half of the invented curves and
 * more of the days have nothing wrong with them, and precision is counted over all. The detectors were tuned on seeds below
 * `measuredSeed`; those that are measured here are others. The recorded ones are too few for that: they were looked at while
 * tuning, and show that real losses are judged as invented ones are.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnomalyKind } from '@pilothouse/contract'
import { anomalyKinds } from '@pilothouse/contract/wire'
import { quietAnomalies, watchAnomalies } from '@pilothouse/signals'
import { type LabelledCurve, makeCalmCurve, makeDivergence, makePlateau, makeSpikedCurve } from './anomaly-curves.ts'
import { type LabelledDay, makeGpuDay, makeStepDay } from './anomaly-machines.ts'
import { type Figure, makeFigure } from './figure.ts'
import { type Raised, type Scores, readPrecision, readRecall, scoreOf, scoreSeries } from './score-anomalies.ts'
import { type Random, seedRandom } from './seeded-random.ts'

/** Seeds from here on are measured only. */
const measuredSeed = 1_000_000
const sizes = { full: { curves: 400, days: 100 }, short: { curves: 100, days: 30 } } as const
const curveKinds = ['spike', 'plateau', 'divergence'] as const

const calmCurvesFor = 3
const calmDaysFor = 2

export type Measured = { scores: Scores; points: number; curvePoints: number; gpuHours: number; stepHours: number }

export function measureAnomalies({ short }: { short: boolean }): Promise<Figure[]> {
  const size = short ? sizes.short : sizes.full
  const startedAt = performance.now()
  const invented = scoreInvented(measuredSeed, size)
  const tookMs = performance.now() - startedAt
  const recorded = scoreRecorded()
  return Promise.resolve([
    ...anomalyKinds.flatMap((kind) => showKind(kind, 'invented', invented.scores)),
    ...anomalyKinds.flatMap((kind) => showFalseAlarms(kind, invented)),
    ...curveKinds.flatMap((kind) => showKind(kind, 'recorded', recorded.scores)),
    figure('points judged', invented.points, 'points', { informs: true }),
    figure('time for each, inventing it included', (1_000 * tookMs) / invented.points, 'µs', { atMost: 20 }),
  ])
}

/** Each of `size` seeds from `seed` on makes one series with each kind of anomaly, and some without any. */
export function scoreInvented(seed: number, { curves, days }: { curves: number; days: number }): Measured {
  const measured: Measured = { scores: {}, points: 0, curvePoints: 0, gpuHours: 0, stepHours: 0 }
  for (let at = 0; at < curves; at += 1) {
    const random = seedRandom(seed + at)
    for (const make of [makeSpikedCurve, makePlateau, makeDivergence]) takeCurve(measured, make(random))
    for (let calm = 0; calm < calmCurvesFor; calm += 1) takeCurve(measured, makeCalmCurve(random))
  }
  for (let at = 0; at < days; at += 1) takeDays(measured, seedRandom(seed + at))
  return measured
}

function takeDays(measured: Measured, random: Random): void {
  const calm = Array.from({ length: calmDaysFor }, () => makeGpuDay(random, null))
  for (const day of [makeGpuDay(random, 'idle'), makeGpuDay(random, 'throttling'), ...calm]) {
    takeDay(measured, day)
    measured.gpuHours += day.hours
  }
  for (const day of [makeStepDay(random, true), makeStepDay(random, false), makeStepDay(random, false)]) {
    takeDay(measured, day)
    measured.stepHours += day.hours
  }
}

/** Points come in portions, as reports bring them. */
function takeCurve(measured: Measured, { values, labels }: LabelledCurve): void {
  scoreSeries(measured.scores, labels, raiseOnCurve(values))
  measured.points += values.length
  measured.curvePoints += values.length
}

function raiseOnCurve(values: ArrayLike<number>): Raised[] {
  const portion = 50
  const raised: Raised[] = []
  let watch = quietAnomalies
  for (let from = 0; from < values.length; from += portion) {
    const steps = Array.from({ length: Math.min(portion, values.length - from) }, (_, row) => from + row)
    const own = steps.map((step) => values[step] ?? Number.NaN)
    const block = { source: 'job', keys: ['loss'], steps, times: steps.map((step) => 1_000 * step), values: [own] }
    const { state, anomalies } = watchAnomalies(watch, block)
    watch = state
    raised.push(...listRaised(anomalies, ({ step }) => step ?? 0))
  }
  return raised
}

function takeDay(measured: Measured, { blocks, labels }: LabelledDay): void {
  let watch = quietAnomalies
  const raised: Raised[] = []
  for (const block of blocks) {
    const { state, anomalies } = watchAnomalies(watch, block)
    watch = state
    raised.push(...listRaised(anomalies, ({ at }) => at))
    measured.points += block.times.length
  }
  scoreSeries(measured.scores, labels, raised)
}

type Told = ReturnType<typeof watchAnomalies>['anomalies'][number]

function listRaised(anomalies: readonly Told[], read: (anomaly: Told) => number): Raised[] {
  return anomalies.filter(({ phase }) => phase === 'raised').map((one) => ({ kind: one.kind, at: read(one) }))
}

type Recorded = { name: string; labels: { kind: AnomalyKind; step: number }[]; loss: (number | string)[] }

/** Losses of real trainings. */
export function scoreRecorded(): { scores: Scores; falseOn: string[] } {
  const path = join(import.meta.dirname, '../recorded/losses.jsonl')
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const runs = lines.map((line) => JSON.parse(line) as Recorded) // our own file
  const scores: Scores = {}
  const falseOn: string[] = []
  for (const { name, labels, loss } of runs) {
    const spans = labels.map(({ kind, step }) => ({
      kind,
      from: step,
      until: kind === 'spike' ? step + 20 : loss.length,
    }))
    const raised = raiseOnCurve(loss.map(Number))
    scoreSeries(scores, spans, raised)
    const isFalse = ({ kind, at }: Raised) =>
      !spans.some((span) => span.kind === kind && at >= span.from && at <= span.until)
    falseOn.push(...raised.filter(isFalse).map(({ kind, at }) => `${name}: ${kind} at ${at}`))
  }
  return { scores, falseOn }
}

function showKind(kind: AnomalyKind, where: string, scores: Scores): Figure[] {
  const score = scoreOf(scores, kind)
  const labels = score.found + score.missed
  return [
    figure(`${where}, ${kind}: precision`, readPrecision(score), 'share', { atLeast: 0.9 }),
    figure(`${where}, ${kind}: recall, of ${labels}`, readRecall(score), 'share', { atLeast: 0.8 }),
  ]
}

function showFalseAlarms(kind: AnomalyKind, { scores, curvePoints, gpuHours, stepHours }: Measured): Figure[] {
  const { falseAlarms } = scoreOf(scores, kind)
  if (kind === 'spike' || kind === 'plateau' || kind === 'divergence')
    return [figure(`${kind}: false alarms`, (1e5 * falseAlarms) / curvePoints, 'per 100,000 points', { atMost: 2 })]
  const hours = kind === 'stall' ? stepHours : gpuHours
  return [figure(`${kind}: false alarms`, (1_000 * falseAlarms) / hours, 'per 1,000 h', { atMost: 1 })]
}

type Promised = { atLeast: number } | { atMost: number } | { informs: true }

function figure(what: string, value: number, unit: string, promised: Promised): Figure {
  return makeFigure({ id: 'V11', what, value, unit, ...promised })
}
