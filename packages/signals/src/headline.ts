/**
 * The one curve of a job's card, folded from its points as they come. The key is the most loss-like one that was seen;
 * when a better one turns up the curve begins anew. The spark holds at most 64 means of equally many points each: when
 * it is full, neighbours are merged and each entry stands for twice as many.
 */
import type { Headline } from '@pilothouse/contract'
import { metricDirection, rankMetric } from './metric-direction.ts'

const sparkMax = 64

/** Serialisable as JSON. */
export type HeadlineState = {
  key: string
  last: number | null
  best: number | null
  bestStep: number | null
  /** As the script defined it; absent while the key's name tells. */
  goal?: Headline['goal'] | undefined
  /** Means of closed buckets, null where no value was finite; fewer than 64. */
  spark: (number | null)[]
  /** Points in a full bucket, a power of two. */
  stride: number
  /** The bucket being filled: points, finite ones among them, their sum. */
  open: { points: number; finite: number; sum: number }
}

/** Points of the job's own source, as a report carries them. */
export type HeadlineBlock = { keys: readonly string[]; steps: ArrayLike<number>; values: readonly ArrayLike<number>[] }

/**
 * Takes one block of points in. Returns the same state when none of its keys concerns the headline. `goalOf`: what the
 * script said is best; where that changes, the best value is looked for anew from here on.
 */
export function updateHeadline(
  state: HeadlineState | null,
  block: HeadlineBlock,
  goalOf: (key: string) => Headline['goal'] | undefined = () => undefined,
): HeadlineState | null {
  const at = chooseColumn(state, block.keys)
  const key = block.keys[at]
  const values = block.values[at]
  if (key === undefined || values === undefined || values.length === 0) return state
  const next = state?.key === key ? copyState(state) : startState(key)
  takeGoal(next, goalOf(key))
  foldValues(next, values, block.steps)
  return next
}

/** The headline as it is shown, or null before the first point. */
export function readHeadline(state: HeadlineState | null): Headline | null {
  if (state === null) return null
  const { key, last, best, bestStep, spark, open } = state
  return {
    key,
    last,
    best,
    bestStep,
    goal: findGoal(state),
    spark: open.points > 0 ? [...spark, meanOf(open)] : [...spark],
  }
}

/** The key that would be the headline among these; undefined without any. */
export function chooseHeadlineKey(keys: readonly string[]): string | undefined {
  return keys[chooseColumn(null, keys)]
}

function chooseColumn(state: HeadlineState | null, keys: readonly string[]): number {
  let chosen = state === null ? -1 : keys.indexOf(state.key)
  let rank = state === null ? Number.POSITIVE_INFINITY : rankMetric(state.key)
  keys.forEach((key, at) => {
    const candidate = rankMetric(key)
    if (candidate < rank) {
      chosen = at
      rank = candidate
    }
  })
  return chosen
}

function startState(key: string): HeadlineState {
  const open = { points: 0, finite: 0, sum: 0 }
  return { key, last: null, best: null, bestStep: null, spark: [], stride: 1, open }
}

function copyState(state: HeadlineState): HeadlineState {
  return { ...state, spark: [...state.spark], open: { ...state.open } }
}

function takeGoal(state: HeadlineState, goal: Headline['goal'] | undefined): void {
  const before = findGoal(state)
  if (goal === undefined) delete state.goal
  else state.goal = goal
  if (findGoal(state) !== before) Object.assign(state, { best: null, bestStep: null })
}

function findGoal({ key, goal }: HeadlineState): Headline['goal'] {
  return goal ?? (metricDirection(key) === 'lower' ? 'minimize' : 'maximize')
}

function foldValues(state: HeadlineState, values: ArrayLike<number>, steps: ArrayLike<number>): void {
  const sign = findGoal(state) === 'minimize' ? -1 : 1
  for (let row = 0; row < values.length; row += 1) {
    // Adding zero turns -0, which JSON does not know, into 0.
    const value = (values[row] ?? Number.NaN) + 0
    const finite = Number.isFinite(value)
    state.last = finite ? value : null
    if (finite && (state.best === null || value * sign > state.best * sign)) {
      state.best = value
      state.bestStep = steps[row] ?? null
    }
    addToSpark(state, finite ? value : null)
  }
}

function addToSpark(state: HeadlineState, value: number | null): void {
  const { open } = state
  open.points += 1
  if (value !== null) {
    open.finite += 1
    open.sum += value
  }
  if (open.points < state.stride) return
  state.spark.push(meanOf(open))
  state.open = { points: 0, finite: 0, sum: 0 }
  if (state.spark.length === sparkMax) mergeNeighbours(state)
}

function mergeNeighbours(state: HeadlineState): void {
  const { spark } = state
  state.spark = Array.from({ length: spark.length / 2 }, (_, at) => meanOfTwo(spark[2 * at], spark[2 * at + 1]))
  state.stride *= 2
}

function meanOfTwo(one: number | null | undefined, other: number | null | undefined): number | null {
  if (one === null || one === undefined) return other ?? null
  return other === null || other === undefined ? one : one / 2 + other / 2
}

function meanOf({ finite, sum }: HeadlineState['open']): number | null {
  return finite === 0 || !Number.isFinite(sum) ? null : sum / finite
}
