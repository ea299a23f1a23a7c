/** How far ahead a schedule is drawn, and what is drawn. Pure. */
import type { Parameter, Schedule } from '@pilothouse/contract'
import { previewSchedule, type PreviewAssumptions } from '@pilothouse/signals'

export type DrawnSchedule = {
  xs: number[]
  ys: number[]
  startStep: number | null
  endStep: number | null
  /** What is taken for granted in it, in words. */
  assumed: string | null
}

const pointsMax = 240
/** Steps that are drawn where nothing says how many matter. */
const stepsAhead = 1_000
/** How much more than the movement is drawn. */
const room = 1.15

/** A value over the coming steps. One that waits for a metric is drawn as if that came to it after a tenth of them. */
export function drawPreview(
  schedule: Schedule,
  parameter: Parameter,
  known: Omit<PreviewAssumptions, 'conditionStep'>,
): DrawnSchedule {
  const { now, stepsPerSecond } = known
  const waits = schedule.start.at === 'metric'
  const length =
    schedule.shape.kind !== 'set' && 'steps' in schedule.shape.over ? schedule.shape.over.steps : stepsAhead
  const assumptions = { ...known, conditionStep: waits ? now.step + Math.ceil(length / 10) : null }
  const two = { from: now.step, to: now.step + 1, points: 2 }
  const { startStep, endStep } = previewSchedule(schedule, parameter, two, assumptions)
  const ahead = endStep === null ? stepsAhead : Math.max(10, Math.ceil((endStep - now.step) * room))
  const drawn = previewSchedule(
    schedule,
    parameter,
    { from: now.step, to: now.step + ahead, points: Math.min(pointsMax, Math.ceil(ahead) + 1) },
    assumptions,
  )
  return {
    xs: drawn.steps,
    ys: drawn.values.map((value) => (typeof value === 'number' ? value : Number.NaN)),
    startStep,
    endStep,
    assumed: describeAssumptions(schedule, { waits, stepsPerSecond, isPlaced: startStep !== null && endStep !== null }),
  }
}

type Assumed = { waits: boolean; stepsPerSecond: number | null; isPlaced: boolean }

function describeAssumptions({ start, shape }: Schedule, { waits, stepsPerSecond, isPlaced }: Assumed): string | null {
  if (!isPlaced) return 'How fast the job goes is not known, so it cannot be drawn where it begins or ends.'
  if (waits) return 'Nobody knows when the metric comes to it: it is drawn as if that were soon.'
  const isTimed = start.at === 'time' || (shape.kind !== 'set' && 'ms' in shape.over)
  if (isTimed) return `Drawn at ${Number((stepsPerSecond ?? 0).toPrecision(3))} steps a second, as the job goes now.`
  return null
}
