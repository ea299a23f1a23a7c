/**
 * How far a job is and when it will end, folded from what its reports say. Three ways are known, the first that has a
 * total counts:
 *
 *   steps   step / totalSteps; without totalSteps, the total that steps an epoch × totalEpochs gives
 *   epochs  epoch / totalEpochs
 *   stage   done / total of the active stage
 *
 * Time still to go = distance left / speed, plus the recurring gaps ahead; how the speed is found says pace.ts. Pass as
 * time of a sample the time its points were taken (corrected to the server's clock), not the time of their arrival:
 * then reports sent late do not distort the speed.
 */
import type { Progress } from '@pilothouse/contract'
import { type Pace, predictTime, startPace, updatePace } from './pace.ts'

export type ProgressSample = {
  /** Server's clock, ms. */
  at: number
  /** Newest step. */
  step?: number | null | undefined
  /** Newest epoch: whole numbers from 0 or from 1, or a fraction of the run so far in epochs. */
  epoch?: number | null | undefined
  /** Absent = unchanged; null = not known any more. */
  totalSteps?: number | null | undefined
  totalEpochs?: number | null | undefined
  /** The active stage; null = none. */
  stage?: { name: string; done: number; total: number | null } | null | undefined
}

/** Serialisable as JSON. */
export type ProgressState = {
  at: number | null
  step: number | null
  totalSteps: number | null
  epoch: EpochState | null
  totalEpochs: number | null
  stage: { name: string; done: number; total: number | null } | null
  paces: { steps: Pace | null; epochs: Pace | null; stage: Pace | null }
}

type EpochState = {
  value: number
  /** The first whole number seen: 0 when epochs count from 0. */
  base: 0 | 1
  /** True once a fraction was seen: the value itself says how far the run is. */
  fractional: boolean
  /** Samples of the current epoch, and whether the one before had a single one: then it was logged at its end. */
  samples: number
  loggedAtEnd: boolean
  /** Step at which the current epoch was first seen. */
  startStep: number | null
  stepsPerEpoch: number | null
}

type Way = { position: number; total: number; pace: Pace | null }

/** The state before anything is known. */
export function startProgress(): ProgressState {
  return {
    at: null,
    step: null,
    totalSteps: null,
    epoch: null,
    totalEpochs: null,
    stage: null,
    paces: { steps: null, epochs: null, stage: null },
  }
}

/** Takes one sample in; the state given stays as it was. */
export function updateProgress(state: ProgressState, sample: ProgressSample): ProgressState {
  const step = finite(sample.step) ?? state.step
  const epoch = updateEpoch(state.epoch, finite(sample.epoch), finite(sample.step))
  const stage = sample.stage === undefined ? state.stage : readStage(sample.stage)
  const next: ProgressState = {
    at: state.at === null ? sample.at : Math.max(state.at, sample.at),
    step,
    totalSteps: sample.totalSteps === undefined ? state.totalSteps : positive(sample.totalSteps),
    epoch,
    totalEpochs: sample.totalEpochs === undefined ? state.totalEpochs : positive(sample.totalEpochs),
    stage,
    paces: state.paces,
  }
  const sameStage = stage?.name === state.stage?.name
  next.paces = {
    steps: followPace(state.paces.steps, sample.at, step),
    epochs: followPace(state.paces.epochs, sample.at, epoch === null ? null : epochsDone(epoch)),
    stage: followPace(sameStage ? state.paces.stage : null, sample.at, stage?.done ?? null),
  }
  return next
}

/** What is known at the time `now`, server's clock in ms. */
export function readProgress(state: ProgressState, now: number): Progress {
  const way = chooseWay(state)
  const speed = state.paces.steps?.speed ?? null
  return {
    fraction: way === null ? null : Math.min(1, Math.max(0, way.position / way.total)),
    step: state.step,
    totalSteps: state.totalSteps,
    epoch: state.epoch?.value ?? null,
    totalEpochs: state.totalEpochs,
    stepsPerSecond: speed === null ? null : speed * 1_000,
    etaMs: way === null ? null : timeLeft(way, state.at ?? now, now),
    at: now,
  }
}

function followPace(pace: Pace | null, at: number, position: number | null): Pace | null {
  if (position === null) return pace
  return pace === null ? startPace(at, position) : updatePace(pace, at, position)
}

function chooseWay({ step, totalSteps, epoch, totalEpochs, stage, paces }: ProgressState): Way | null {
  const total = totalSteps ?? estimateTotal(step, epoch, totalEpochs)
  if (step !== null && total !== null) return { position: step, total, pace: paces.steps }
  if (epoch !== null && totalEpochs !== null) {
    return { position: epochsDone(epoch), total: totalEpochs, pace: paces.epochs }
  }
  if (stage !== null && stage.total !== null && stage.total > 0) {
    return { position: stage.done, total: stage.total, pace: paces.stage }
  }
  return null
}

function timeLeft({ position, total, pace }: Way, at: number, now: number): number | null {
  if (position >= total) return 0
  const wholeMs = pace === null ? null : predictTime(pace, total - position)
  if (pace === null || wholeMs === null) return null
  // Between two samples the time runs on; in a silence longer than twice the usual rhythm it stands.
  const sinceMs = Math.min(Math.max(0, now - at), 2 * pace.rhythmMs)
  return Math.max(0, wholeMs - sinceMs)
}

/** Steps of the whole run, where only the epochs of it are known. */
function estimateTotal(step: number | null, epoch: EpochState | null, totalEpochs: number | null): number | null {
  if (step === null || epoch === null || totalEpochs === null) return null
  if (epoch.fractional) return epoch.value > 0 && step > 0 ? finite((step / epoch.value) * totalEpochs) : null
  if (epoch.stepsPerEpoch === null || epoch.startStep === null) return null
  return finite(epoch.startStep + (totalEpochs - epochsDone(epoch)) * epoch.stepsPerEpoch)
}

function epochsDone({ value, base, fractional, loggedAtEnd }: EpochState): number {
  return fractional ? value : value - base + (loggedAtEnd ? 1 : 0)
}

function readStage(stage: ProgressState['stage']): ProgressState['stage'] {
  return stage === null ? null : { name: stage.name, done: finite(stage.done) ?? 0, total: finite(stage.total) }
}

function updateEpoch(state: EpochState | null, value: number | null, step: number | null): EpochState | null {
  if (value === null) return state
  const fractional = !Number.isInteger(value)
  if (state === null) {
    const base = value < 1 ? 0 : 1
    return { value, base, fractional, samples: 1, loggedAtEnd: false, startStep: step, stepsPerEpoch: null }
  }
  const kept = { ...state, fractional: state.fractional || fractional, base: value < 1 ? 0 : state.base } as const
  if (value === state.value) return { ...kept, samples: state.samples + 1 }
  if (value < state.value) return { ...kept, value, samples: 1, startStep: step, stepsPerEpoch: null }
  const width = step === null || state.startStep === null ? null : (step - state.startStep) / (value - state.value)
  const stepsPerEpoch = positive(width)
  return { ...kept, value, samples: 1, loggedAtEnd: state.samples === 1, startStep: step, stepsPerEpoch }
}

/** Beyond this no step, epoch or total is meant, and differences would not be exact. */
const countMax = 2 ** 53

function finite(value: number | null | undefined): number | null {
  // Adding zero turns -0, which JSON does not know, into 0.
  return typeof value === 'number' && Math.abs(value) < countMax ? value + 0 : null
}

function positive(value: number | null): number | null {
  const read = finite(value)
  return read !== null && read > 0 ? read : null
}
