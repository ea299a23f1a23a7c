/** Which steps before and after a change are looked at. */
import { formatCount } from '../format.ts'
import { type CleanPoints, cutPoints, middleOf } from './prepare-points.ts'

/** Points that a forecast is told from, and that it is held against, at least. */
export const pointsBeforeMin = 10
export const pointsAfterMin = 3
/** By default the time after a change is at most this share of what is known from before it; never more than the second. */
const afterShare = 1 / 3
const afterShareMax = 1 / 2
/** By default the time before it is so many times as long as that after it, but not less than so many points. */
const beforeTimes = 8
const beforePoints = 64
/** More of the time before it would only be slower. */
const beforeTimesMax = 24

export type WindowInput = {
  changeStep: number
  /** Steps of other changes of any parameter of the job. */
  otherChanges: readonly number[]
  /** Lengths in steps; absent: chosen here. */
  windows: { before?: number | undefined; after?: number | undefined }
}

export type Windows = {
  before: CleanPoints
  after: CleanPoints
  /** Steps that the points after the change stand for. */
  afterSpan: number
  /** Where the window after the change ends, whether or not it has been reached. */
  end: number
  /** The next change is what ends the window after this one; the last one what begins that before it. */
  isCutByNext: boolean
  isCutByLast: boolean
  remarks: string[]
}

/** Windows that do not run over another change, and where a forecast as long as the later one can be tried out in the earlier. */
export function chooseWindows(points: CleanPoints, { changeStep, otherChanges, windows }: WindowInput): Windows {
  const remarks: string[] = []
  const last = otherChanges.filter((step) => step < changeStep).reduce((most, step) => Math.max(most, step), -Infinity)
  const next = otherChanges.filter((step) => step > changeStep).reduce((least, step) => Math.min(least, step), Infinity)
  if (otherChanges.includes(changeStep)) {
    remarks.push('Another parameter was changed at the same step; what each of them did cannot be told apart.')
  }
  const allBefore = cutPoints(points, last, changeStep)
  const allAfter = cutPoints(points, changeStep, next)
  const known = changeStep - (allBefore.steps[0] ?? changeStep)
  const afterWanted = windows.after ?? known * afterShare
  const afterLength = Math.min(afterWanted, Math.min(known, windows.before ?? known) * afterShareMax)
  const after = cutPoints(allAfter, changeStep, changeStep + afterLength)
  const afterSpan = measureSpan(after, changeStep)
  const recent = changeStep - (allBefore.steps.at(-beforePoints) ?? allBefore.steps[0] ?? changeStep)
  const beforeWanted = windows.before ?? Math.max(beforeTimes * afterSpan, recent)
  const beforeLength = Math.min(beforeWanted, Math.max(beforeTimesMax * afterSpan, recent))
  const before = cutPoints(allBefore, changeStep - beforeLength, changeStep)
  const end = Math.min(next, changeStep + afterLength)
  const isCutByNext = next < changeStep + afterWanted
  const isCutByLast = last > changeStep - beforeWanted
  if (isCutByNext) remarks.push(`The next change, at step ${formatCount(next)}, ends the window after this one.`)
  if (isCutByLast) remarks.push(`The change at step ${formatCount(last)} begins the window before this one.`)
  if (windows.after !== undefined && afterLength < windows.after && allAfter.steps.length > after.steps.length) {
    remarks.push(
      `Only ${formatCount(afterLength)} steps after the change are looked at: a forecast reaches half as far as the ${formatCount(Math.min(known, windows.before ?? known))} steps before it.`,
    )
  }
  return { before, after, afterSpan, end, isCutByNext, isCutByLast, remarks }
}

/** From `start` to the last point and the usual distance between two beyond it. */
function measureSpan({ steps }: CleanPoints, start: number): number {
  const gaps = steps.slice(1).map((step, at) => step - (steps[at] ?? 0))
  const last = steps.at(-1)
  if (last === undefined) return 0
  return last - start + (gaps.length > 0 ? middleOf(gaps) : 0)
}
