/**
 * Reads a training log line by line: a pure fold that joins what the lines say one after another, so that «Epoch 2/3»
 * followed by «loss = 0.5» becomes a point with epoch and step. Feed it every whole line and, a few times a second, the
 * line under way (a progress bar lives there until it ends).
 *
 * Steps. A step stated by a line holds until the next; a key that comes again without a new step gets the next one.
 * Without any step, points are numbered from 1. Steps that begin anew in each epoch (bars of Keras and Lightning, «Epoch
 * [2/10], Step [100/600]», or any step that falls to half when the epoch rises) are added up, so that the step of a point counts
 * through the run.
 */
import { builtInPatterns, recognizeStage } from './log-catalogue.ts'
import type { LogFacts, LogPattern } from './log-facts.ts'
import { parseLogLine } from './parse-log-line.ts'

/** Serialisable as JSON. */
export type LogReaderState = {
  /** Of the run, as points carry it; null until one was stated. */
  step: number | null
  /** As last stated, and what is added to it. */
  statedStep: number | null
  statedTotal: number | null
  /** The epoch that was known then. */
  statedEpoch: number | null
  offset: number
  epoch: number | null
  epochBase: 0 | 1
  totalSteps: number | null
  totalEpochs: number | null
  stage: string | null
  /** Points so far that had no step, and the keys of the current one. */
  count: number
  keys: string[]
  /** Step and values of the last progress bar, to know it when it comes again. */
  bar: string | null
}

export type LogPoint = { step: number; epoch: number | null; metrics: ReadonlyMap<string, number> }

/** A change of a stage; the caller adds the time. */
export type LogStage = { name: string; state: 'active' | 'completed'; done?: number; total?: number }

export type LogReading = {
  state: LogReaderState
  points: LogPoint[]
  stages: LogStage[]
  /** Totals that this line made known or changed. */
  totals: { totalSteps?: number; totalEpochs?: number }
}

const keysMax = 256

/** The state before the first line. */
export function startLogReader(): LogReaderState {
  return {
    step: null,
    statedStep: null,
    statedTotal: null,
    statedEpoch: null,
    offset: 0,
    epoch: null,
    epochBase: 1,
    totalSteps: null,
    totalEpochs: null,
    stage: null,
    count: 0,
    keys: [],
    bar: null,
  }
}

/** Takes one line in; the state given stays as it was. */
export function readLine(
  state: LogReaderState,
  line: string,
  patterns: readonly LogPattern[] = builtInPatterns,
): LogReading {
  const facts = parseLogLine(line, patterns)
  if (facts === null) return { state, points: [], stages: [], totals: {} }
  const next = { ...state }
  takeEpoch(next, facts)
  const stepped = takeStep(next, state, facts)
  takeTotals(next, facts, stepped)
  const points = makePoints(next, facts, stepped)
  const stages = makeStages(next, state, facts, stepped)
  return { state: next, points, stages, totals: changedTotals(next, state) }
}

function takeEpoch(next: LogReaderState, { epoch }: LogFacts): void {
  if (epoch === undefined) return
  if (next.epoch === null || epoch < 1) next.epochBase = epoch < 1 ? 0 : 1
  if (next.epoch !== null && epoch > next.epoch) next.keys = []
  next.epoch = epoch
}

/** Moves the step on; false when the line has none that belongs to the training. */
function takeStep(next: LogReaderState, before: LogReaderState, facts: LogFacts): boolean {
  const { step } = facts
  if (step === undefined || isSideBar(before, facts)) return false
  if (countsThroughRun(before, facts, step)) {
    next.keys = []
    next.step = step
    return true
  }
  if (before.statedStep === null) {
    next.offset = firstOffset(next, facts)
  } else if (isLater(next.epoch, before.statedEpoch) && beginsAnew(step, before.statedStep, before, facts)) {
    next.offset += before.statedTotal ?? before.statedStep
  }
  next.statedStep = step
  next.statedEpoch = next.epoch
  next.keys = []
  next.statedTotal = facts.totalSteps ?? before.statedTotal
  next.step = next.offset + step
  return true
}

/**
 * Whether a later epoch counts its steps from the beginning. Where nothing says that steps are those of an epoch, a small
 * fall is a line that comes late: a bar on stderr runs ahead of what stdout says.
 */
function beginsAnew(step: number, stated: number, { statedTotal }: LogReaderState, { stepScope }: LogFacts): boolean {
  return stepScope === 'epoch' || stated === statedTotal ? step <= stated : step <= stated / 2
}

/** A line beside bars of an epoch each that is already beyond the length of such a bar: it needs no adding up. */
function countsThroughRun(
  { offset, statedTotal }: LogReaderState,
  { bar, stepScope }: LogFacts,
  step: number,
): boolean {
  return offset > 0 && bar !== true && stepScope === undefined && statedTotal !== null && step > statedTotal
}

/** A bar without description that is shorter than the one known: an evaluation, a download. */
function isSideBar(before: LogReaderState, { bar, stepScope, totalSteps }: LogFacts): boolean {
  return (
    bar === true &&
    stepScope === undefined &&
    before.statedTotal !== null &&
    (totalSteps === undefined || totalSteps < before.statedTotal)
  )
}

/** Where reading begins in a later epoch whose steps count anew, the epochs before are added. */
function firstOffset({ epoch, epochBase }: LogReaderState, { stepScope, totalSteps }: LogFacts): number {
  if (stepScope !== 'epoch' || totalSteps === undefined || epoch === null) return 0
  return Math.max(0, Math.floor(epoch) - epochBase) * totalSteps
}

function isLater(epoch: number | null, before: number | null): boolean {
  return epoch !== null && before !== null && epoch > before
}

function takeTotals(next: LogReaderState, facts: LogFacts, stepped: boolean): void {
  if (facts.totalEpochs !== undefined && facts.totalEpochs > 0) {
    // «Epoch 0/9» of ten: the last one counted from 0.
    next.totalEpochs = next.epochBase === 0 && facts.bar === true ? facts.totalEpochs + 1 : facts.totalEpochs
  }
  const total = facts.totalSteps
  if (total === undefined || total <= 0 || (facts.step !== undefined && !stepped)) return
  const counted = facts.stepScope === 'epoch' || next.offset > 0
  if (!counted) next.totalSteps = total
  else if (next.totalEpochs !== null) next.totalSteps = total * next.totalEpochs
}

function makePoints(next: LogReaderState, facts: LogFacts, stepped: boolean): LogPoint[] {
  const { metrics } = facts
  if (metrics.size === 0) return []
  if (facts.bar === true) {
    const bar = `${facts.step ?? facts.done ?? ''} ${[...metrics].join(' ')}`
    if (bar === next.bar) return []
    next.bar = bar
  }
  const names = [...metrics.keys()]
  const repeats = names.some((name) => next.keys.includes(name))
  const begins = repeats || next.keys.length === 0
  next.keys = begins ? names.slice(0, keysMax) : [...next.keys, ...names].slice(0, keysMax)
  if (next.step === null) return [numberPoint(next, metrics, begins)]
  // The mean that an epoch or the run ends with is no further step.
  if (!stepped && repeats && !isHeldOut(names) && next.step !== readTotal(next)) next.step += 1
  return [{ step: next.step, epoch: next.epoch, metrics }]
}

/** Steps of the whole run, as far as it is known. */
function readTotal({ totalSteps, totalEpochs, statedTotal, offset }: LogReaderState): number | null {
  return totalSteps ?? (offset > 0 && statedTotal !== null && totalEpochs !== null ? statedTotal * totalEpochs : null)
}

function numberPoint(next: LogReaderState, metrics: ReadonlyMap<string, number>, begins: boolean): LogPoint {
  if (begins) next.count += 1
  return { step: stepFromEpoch(next) ?? next.count, epoch: next.epoch, metrics }
}

/** Hugging Face prints no step, but how many there will be and which part of the epochs is done. */
function stepFromEpoch({ epoch, totalSteps, totalEpochs }: LogReaderState): number | null {
  if (epoch === null || totalSteps === null || totalEpochs === null || epoch === 0) return null
  return Math.round((epoch / totalEpochs) * totalSteps)
}

function isHeldOut(names: readonly string[]): boolean {
  return names.every((name) => recognizeStage(name.replaceAll(/[_/]/g, ' ')) === 'Validation')
}

function makeStages(next: LogReaderState, before: LogReaderState, facts: LogFacts, stepped: boolean): LogStage[] {
  const name = facts.stage ?? (isTraining(facts, stepped) ? 'Training' : null)
  if (name === null) return []
  next.stage = name
  const counts = countStage(next, facts, stepped)
  const stages: LogStage[] = []
  if (name !== before.stage && before.stage !== null && endsWith(before.stage, name)) {
    stages.push({ name: before.stage, state: 'completed' })
  }
  if (name !== before.stage || counts.done !== undefined) stages.push({ name, state: 'active', ...counts })
  return stages
}

/** Training goes on around a validation; everything else is over when the next begins. */
function endsWith(stage: string, nextStage: string): boolean {
  return stage !== 'Training' || nextStage === 'Save model'
}

function isTraining({ step, epoch, metrics, bar }: LogFacts, stepped: boolean): boolean {
  if (stepped) return true
  if (metrics.size > 0) return bar !== true && !isHeldOut([...metrics.keys()])
  return epoch !== undefined && step === undefined
}

function countStage(next: LogReaderState, facts: LogFacts, stepped: boolean): { done?: number; total?: number } {
  if (facts.done !== undefined)
    return { done: facts.done, ...(facts.total === undefined ? {} : { total: facts.total }) }
  if (stepped && next.step !== null && next.totalSteps !== null) return { done: next.step, total: next.totalSteps }
  if (next.step === null && facts.epoch !== undefined && next.totalEpochs !== null) {
    const done = Number.isInteger(facts.epoch) ? facts.epoch - next.epochBase + (facts.epochEnded ? 1 : 0) : facts.epoch
    return { done: Math.max(0, done), total: next.totalEpochs }
  }
  if (facts.fraction !== undefined && facts.step === undefined) return { done: facts.fraction * 100, total: 100 }
  return {}
}

function changedTotals(next: LogReaderState, before: LogReaderState): LogReading['totals'] {
  const { totalSteps, totalEpochs } = next
  return {
    ...(totalSteps !== null && totalSteps !== before.totalSteps ? { totalSteps } : {}),
    ...(totalEpochs !== null && totalEpochs !== before.totalEpochs ? { totalEpochs } : {}),
  }
}
