/** What the log of a machine says of its training, folded line by line. Bounded, whatever comes. */
import {
  classifyLogLevel,
  type HeadlineState,
  type LogPattern,
  type LogPoint,
  type LogReaderState,
  type LogStage,
  type ProgressState,
  readLine,
  startLogReader,
  startProgress,
  updateHeadline,
  updateProgress,
} from '@pilothouse/signals'
import { addPoint, emptyCurve, spreadCurve, type ThinCurve } from './thin-curve.ts'

export type MachineTraining = {
  reader: LogReaderState
  progress: ProgressState
  headline: HeadlineState | null
  /** The newest value of the headline; may be NaN or infinite. */
  loss: number | null
  /** Of the loss: its moving average, the best of that, and points so far. */
  mean: number | null
  best: number | null
  points: number
  curve: ThinCurve
  stages: readonly LogStage[]
  /** The last line with something in it, and whether it speaks of an error. */
  lastLine: string | null
  endsInError: boolean
}

const stagesMax = 16
const lineLengthMax = 2_000
/** Weight of the moving average, and points before it says anything. */
const meanWeight = 0.9
const pointsForBest = 20

export function startTraining(): MachineTraining {
  return {
    reader: startLogReader(),
    progress: startProgress(),
    headline: null,
    loss: null,
    mean: null,
    best: null,
    points: 0,
    curve: emptyCurve,
    stages: [],
    lastLine: null,
    endsInError: false,
  }
}

/**
 * Takes in lines that came together at `at`, ms. What is read first was printed over a longer time: its points are spread over
 * the time from `since` on, by their steps.
 */
export function readTraining(
  before: MachineTraining,
  lines: readonly string[],
  { at, since, patterns }: { at: number; since: number | null; patterns: readonly LogPattern[] },
): MachineTraining {
  let training = before
  const isFirst = before.lastLine === null
  for (const line of lines) training = takeLine(training, line, isFirst ? null : at, patterns)
  if (training === before) return before
  if (isFirst) training = { ...training, curve: spreadCurve(training.curve, since ?? at, at) }
  const { step, epoch, totalSteps, totalEpochs } = training.reader
  return { ...training, progress: updateProgress(training.progress, { at, step, epoch, totalSteps, totalEpochs }) }
}

/** The smoothed loss as a multiple of its best; null without enough points, or where the best is not above zero. */
export function lossOverBest({ mean, best, points }: MachineTraining): number | null {
  return mean === null || best === null || best <= 0 || points < pointsForBest ? null : mean / best
}

function takeLine(
  before: MachineTraining,
  line: string,
  at: number | null,
  patterns: readonly LogPattern[],
): MachineTraining {
  const text = line.slice(0, lineLengthMax).trim()
  if (text === '') return before
  const reading = readLine(before.reader, text, patterns)
  const endsInError = classifyLogLevel(text, 'stderr') === 'error'
  const training: MachineTraining = { ...before, reader: reading.state, lastLine: text, endsInError }
  const staged =
    reading.stages.length === 0 ? training : { ...training, stages: addStages(training.stages, reading.stages) }
  return reading.points.reduce((one, point) => takePoint(one, point, at ?? point.step), staged)
}

function addStages(stages: readonly LogStage[], fresh: readonly LogStage[]): LogStage[] {
  const names = new Set(fresh.map(({ name }) => name))
  return [...stages.filter(({ name }) => !names.has(name)), ...fresh].slice(-stagesMax)
}

function takePoint(training: MachineTraining, { step, metrics }: LogPoint, at: number): MachineTraining {
  const keys = [...metrics.keys()]
  const headline = updateHeadline(training.headline, {
    keys,
    steps: [step],
    values: Array.from(metrics.values(), (value) => [value]),
  })
  const value = headline === null ? undefined : metrics.get(headline.key)
  if (headline === null || value === undefined) return { ...training, headline }
  const isSame = training.headline?.key === headline.key
  return takeLoss(
    isSame ? training : { ...training, mean: null, best: null, points: 0, curve: emptyCurve },
    headline,
    value,
    at,
  )
}

function takeLoss(training: MachineTraining, headline: HeadlineState, value: number, at: number): MachineTraining {
  if (!Number.isFinite(value)) return { ...training, headline, loss: value }
  const mean = training.mean === null ? value : meanWeight * training.mean + (1 - meanWeight) * value
  const points = training.points + 1
  const best = points < pointsForBest ? null : Math.min(training.best ?? mean, mean)
  return { ...training, headline, loss: value, mean, best, points, curve: addPoint(training.curve, at, value) }
}
