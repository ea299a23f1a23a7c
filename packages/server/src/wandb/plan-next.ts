/** How a run is gone through: what is asked for next, and when it is over. Pure. */

/** Values of one answer, about; with so many metrics in each row it has fewer rows. */
const valuesMax = 200_000
const rowsMax = 1_000
const rowsMin = 50
/** Before anybody knows how many metrics it has. */
const rowsFirst = 100
/** Steps of one question: runs that count tokens or samples have few rows over many steps. */
const windowMax = 2 ** 40
/** A run whose job has ended, and that has told W&B nothing for so long, tells nothing more. */
const silentMs = 30 * 60_000

/** How many rows an answer may have. */
export function countRows(keyCount: number): number {
  if (keyCount === 0) return rowsFirst
  return Math.min(rowsMax, Math.max(rowsMin, Math.floor(valuesMax / keyCount)))
}

export type Answered = {
  from: number
  windowSteps: number
  /** How many rows the question allowed, and how many came. */
  rowsAllowed: number
  rows: number
  /** The highest step among them; null without any. */
  lastRow: number | null
  /** The highest step that W&B has. */
  lastStep: number
  keyCount: number
}
export type NextQuestion = {
  nextStep: number
  windowSteps: number
  /** There is more to be had at once. */
  hasMore: boolean
  /** The answer may lack rows: it is not taken, and asked for again over fewer steps. */
  isThinned: boolean
}

/** What is asked for after an answer. */
export function planNext(answered: Answered): NextQuestion {
  const { from, windowSteps, rowsAllowed, rows, lastRow, lastStep, keyCount } = answered
  if (rows >= rowsAllowed && windowSteps > rowsAllowed)
    return { nextStep: from, windowSteps: rowsAllowed, hasMore: true, isThinned: true }
  const end = from + windowSteps
  const isSparse = rows * 4 < rowsAllowed
  const next = Math.max(countRows(keyCount), isSparse ? Math.min(windowMax, windowSteps * 4) : windowSteps)
  if (lastStep >= end) return { nextStep: end, windowSteps: next, hasMore: true, isThinned: false }
  // Rows may come behind the last one, so it goes on from there.
  return { nextStep: lastRow === null ? from : lastRow + 1, windowSteps, hasMore: false, isThinned: false }
}

export type RunStanding = {
  state: string
  /** As it was at the answer before. */
  stateBefore: string | null
  heartbeatMs: number | null
  isJobEnded: boolean
  now: number
}

/** Nothing more comes of it. Said once two answers in a row say so: what it told last may arrive behind its end. */
export function isRunOver(standing: RunStanding): boolean {
  return standing.state === standing.stateBefore && hasStopped(standing)
}

function hasStopped({ state, heartbeatMs, isJobEnded, now }: RunStanding): boolean {
  switch (state) {
    case 'finished':
    case 'failed':
    case 'killed':
    case 'preempted':
      return true
    case 'crashed':
      return isJobEnded // W&B calls a run so that it has not heard of for minutes; it may come back
    default:
      return isJobEnded && heartbeatMs !== null && now - heartbeatMs > silentMs
  }
}

/** When it is tried again after so many times in vain, ms. */
export function planRetry(
  tries: number,
  { firstMs, retryAfterMs }: { firstMs: number; retryAfterMs: number | null },
): number {
  const backOff = Math.min(10 * 60_000, firstMs * 2 ** Math.min(tries, 12))
  return Math.max(backOff, Math.min(retryAfterMs ?? 0, 60 * 60_000))
}
